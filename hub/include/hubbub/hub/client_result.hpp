// Client results: calling a method of one client and waiting for what it returns.
#pragma once

#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "hubbub/core/cancellation.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/core/timer_queue.hpp"
#include "hubbub/hub/audience.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

class lifetime_manager;

/// A client gave no result: it does not exist, it left, or it did not answer in time. Its text is for the log; a method
/// that lets it pass fails like with any other exception. (An error that the client itself answered is a `hub_error`
/// with the client's text.)
class client_result_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

/// What became of a call to a client. Made on the asker's shard, written by the shard of the client, read on the
/// asker's again; one after the other, so it needs no lock.
class client_answer {
 public:
  enum class kind : unsigned char { none, value, error, failed };
  client_answer() = default;
  client_answer(const client_answer&) = delete;
  client_answer& operator=(const client_answer&) = delete;
  virtual ~client_answer() = default;
  /// Reads the result; false when it does not fit.
  virtual bool read(value_reader& reader) = 0;
  /// Name of the type, for the error.
  [[nodiscard]] virtual const char* type_name() const noexcept = 0;

  kind what = kind::none;
  std::string text;           ///< of an error, or why there is no answer
  std::string invocation_id;  ///< random
  connection_id client;
  shard* asker = nullptr;
  std::coroutine_handle<> waiting;  ///< asker's shard; null: nobody waits any more
  const task_context* context = nullptr;
};

template <class T>
class typed_answer final : public client_answer {
 public:
  bool read(value_reader& reader) override { return value_codec<T>::read(reader, result.emplace()); }
  [[nodiscard]] const char* type_name() const noexcept override { return typeid(T).name(); }
  std::optional<T> result;
};
template <>
class typed_answer<void> final : public client_answer {
 public:
  bool read(value_reader& reader) override { return reader.skip(); }
  [[nodiscard]] const char* type_name() const noexcept override { return "void"; }
};

/// The wait for an answer, whatever its type.
class client_call_wait : private timer_entry, private cancellation_listener {
 public:
  using resumes_at_home = void;
  client_call_wait(lifetime_manager& lifetime, std::shared_ptr<client_answer> answer) noexcept
      : lifetime_(&lifetime), answer_(std::move(answer)) {}
  client_call_wait(const client_call_wait&) = delete;
  client_call_wait& operator=(const client_call_wait&) = delete;
  ~client_call_wait();
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    return start(waiting, waiting.promise().context());
  }

 protected:
  void set_timeout(std::chrono::milliseconds limit) noexcept { timeout_ = limit; }
  void set_call(std::string_view method, std::size_t count, function_ref<void(value_writer&)> arguments);
  /// Throws what is no value.
  void check() const;
  std::shared_ptr<client_answer> answer_of() const noexcept { return answer_; }

 private:
  struct call;
  bool start(std::coroutine_handle<> waiting, task_context& context);
  void on_due() override;
  void on_cancelled() override;
  void give_up();

  lifetime_manager* lifetime_;
  std::shared_ptr<client_answer> answer_;
  std::shared_ptr<call> call_;
  std::chrono::milliseconds timeout_{30'000};
  task_context* context_ = nullptr;
  bool cancelled_ = false;
  bool timed_out_ = false;
};

}  // namespace detail

/// What `invoke<T>` returns: await it inside a task. Throws hub_error with the client's text when the client answered
/// with an error or with something that is no T; client_result_error when the client does not exist, leaves, or does
/// not answer within the timeout; `operation_cancelled` when the asking invocation is cancelled. While it waits, other
/// calls of the asking client may start (hub-protocol.md 6.4). Not allowed inside `on_connected`: std::logic_error.
/// Home shard.
template <class T>
class [[nodiscard("a client is not called before the call is awaited")]] client_call final
    : public detail::
      client_call_wait{public : template <class Write>
                       client_call(lifetime_manager & lifetime, std::shared_ptr<detail::typed_answer<T>> answer,
                                   std::string_view method, std::size_t count, Write&& write) :
                           client_call_wait(lifetime, std::move(answer)){set_call(method, count, write);
}
/// How long the client may take: default 30 s (the reference waits for ever).
client_call& timeout(std::chrono::milliseconds limit) noexcept {
  set_timeout(limit);
  return *this;
}
T await_resume() {
  check();
  if constexpr (!std::is_void_v<T>) {
    return std::move(*static_cast<detail::typed_answer<T>&>(*answer_of()).result);
  }
}
}
;

}  // namespace hubbub::inline v0
