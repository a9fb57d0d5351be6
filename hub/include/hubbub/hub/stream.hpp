// Streams of a hub: what a method yields to its caller, and what a caller sends to a method item by item.
#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "hubbub/core/task.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

class hub_connection;

template <class T>
class stream;

namespace detail {

template <class T>
class stream_promise final : public task_promise_base {
 public:
  // Back to who asked, as at the end of a task.
  struct handed_over {
    shard* home;
    std::coroutine_handle<> waiting;
    handed_over(shard* at, std::coroutine_handle<> handle) noexcept : home(at), waiting(handle) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept { home->go_on_with(waiting); }
    void await_resume() const noexcept {}
  };

  stream<T> get_return_object() noexcept;
  template <class Value = T>
    requires std::is_constructible_v<T, Value&&> handed_over yield_value(Value&& value) {
      item_.emplace(std::forward<Value>(value));
      return handed_over(context().home, waiting());
    }
  void return_void() const noexcept {}
  void unhandled_exception() { error_ = std::current_exception(); }
  std::optional<T> take() {
    if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
    return std::exchange(item_, std::nullopt);
  }

 private:
  std::optional<T> item_;
  std::exception_ptr error_;
};

}  // namespace detail

/// What a streaming hub method returns: a coroutine that gives its items by `co_yield` and may await whatever a task
/// may. It runs only as fast as the client takes items: between two of them it waits while much is queued for that
/// client (hub-protocol.md 6.2). When the client cancels or leaves, its next wait throws `operation_cancelled`, or it
/// is destroyed where it yielded: destructors run either way. Lazy; home shard.
template <class T>
class [[nodiscard("a stream yields nothing until it is asked")]] stream {
 public:
  using promise_type = detail::stream_promise<T>;
  using value_type = T;

  stream() noexcept = default;
  explicit stream(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  stream(stream && other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  stream& operator=(stream&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~stream() {
    if (handle_) handle_.destroy();
  }
  /// False for a stream that was default-constructed or moved from.
  explicit operator bool() const noexcept { return static_cast<bool>(handle_); }

  /// The wait that `next` returns.
  class next_item {
   public:
    using resumes_at_home = void;
    explicit next_item(std::coroutine_handle<promise_type> from) noexcept : from_(from) {}
    bool await_ready() const noexcept { return from_.done(); }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waiting) {
      static_assert(!Promise::begins_chain, "streams are read by tasks");
      task_context& context = waiting.promise().context();
      from_.promise().adopt(context, waiting);
      context.home->go_on_with(from_);
    }
    std::optional<T> await_resume() { return from_.promise().take(); }

   private:
    std::coroutine_handle<promise_type> from_;
  };
  /// `co_await items.next()` inside a task: the next item, or nothing at the end. Rethrows what the stream threw.
  [[nodiscard]] next_item next() { return next_item(handle_); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

template <class T>
stream<T> detail::stream_promise<T>::get_return_object() noexcept {
  return stream<T>(std::coroutine_handle<stream_promise>::from_promise(*this));
}

/// One stream from a client to a method: what has arrived and was not read. Shared by the connection, which fills it,
/// and the method's reader. One shard.
class upload {
 public:
  upload(const upload&) = delete;
  upload& operator=(const upload&) = delete;
  virtual ~upload() = default;

  /// A coroutine waits for the next item. True when it must suspend.
  bool wait(std::coroutine_handle<> waiting, const task_context& context);
  /// The coroutine waits no more, whatever came.
  void stop_waiting() noexcept;
  /// After the wait: throws `operation_cancelled` when it was cancelled.
  void check_cancelled() const;
  /// Nothing more will come, and the items that came were read: throws when the client said so, or sent what does not
  /// fit.
  void check_end() const;
  /// An item was read: room for those that wait in their encoded form.
  void taken();
  [[nodiscard]] bool ended() const noexcept { return ended_; }

  // For the connection
  /// An item came.
  void receive(bytes_view encoded);
  /// The client completed the stream; an error text, when it has one, is thrown in the method as a hub_error.
  void complete(std::optional<std::string> error);
  /// The method has ended: what still comes is dropped.
  void abandon() noexcept { of_ = nullptr; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  void open(hub_connection& of, std::string id, std::size_t capacity);
  [[nodiscard]] std::size_t spilled_bytes() const noexcept { return spilled_bytes_; }

 protected:
  upload() = default;
  /// Reads an item behind those that wait; false when it does not fit.
  virtual bool keep(value_reader& reader) = 0;
  [[nodiscard]] virtual std::size_t waiting_items() const noexcept = 0;

 private:
  struct canceller final : cancellation_listener {
    explicit canceller(upload& of) noexcept : upload_of(of) {}
    void on_cancelled() override;
    upload& upload_of;
  };
  void decode(bytes_view encoded);
  void wake();

  hub_connection* of_ = nullptr;
  std::string id_;
  std::size_t capacity_ = 10;
  std::deque<std::string> spill_;  // encoded items for which there is no room yet
  std::size_t spilled_bytes_ = 0;
  std::optional<std::string> error_;
  std::coroutine_handle<> waiting_;
  const task_context* context_ = nullptr;
  canceller canceller_{*this};
  bool ended_ = false;
  bool cancelled_ = false;
};

namespace detail {

template <class T>
class upload_of final : public upload {
 public:
  [[nodiscard]] bool has_item() const noexcept { return !items_.empty(); }
  T take() {
    T first = std::move(items_.front());
    items_.pop_front();
    taken();
    return first;
  }

 private:
  bool keep(value_reader& reader) override {
    T item{};
    if (!value_codec<T>::read(reader, item)) return false;
    items_.push_back(std::move(item));
    return true;
  }
  [[nodiscard]] std::size_t waiting_items() const noexcept override { return items_.size(); }
  std::deque<T> items_;
};

}  // namespace detail

/// A stream from the client as a parameter of a hub method, beside ordinary ones and as often as needed:
/// `while (auto item = co_await in.next())`. It is not counted as an argument (hub-protocol.md 6.3). A handle; home
/// shard, one reader at a time.
template <class T>
class stream_reader {
 public:
  using value_type = T;
  stream_reader() noexcept = default;
  explicit stream_reader(std::shared_ptr<detail::upload_of<T>> from) noexcept : from_(std::move(from)) {}

  /// The wait that `next` returns.
  class next_item {
   public:
    using resumes_at_home = void;
    explicit next_item(detail::upload_of<T>& from) noexcept : from_(from) {}
    next_item(const next_item&) = delete;
    next_item& operator=(const next_item&) = delete;
    ~next_item() { from_.stop_waiting(); }
    bool await_ready() const noexcept { return from_.has_item(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiting) {
      return from_.wait(waiting, waiting.promise().context());
    }
    std::optional<T> await_resume() {
      from_.check_cancelled();
      if (from_.has_item()) return from_.take();
      from_.check_end();
      return std::nullopt;
    }

   private:
    detail::upload_of<T>& from_;
  };
  /// The next item, or nothing when the client completed the stream. Throws hub_error with the client's text when the
  /// client ended it with an error, or with `Failed to bind Stream message.` for an item of another type; throws
  /// `operation_cancelled` when the invocation is cancelled or its connection ends.
  [[nodiscard]] next_item next() { return next_item(*from_); }

 private:
  std::shared_ptr<detail::upload_of<T>> from_;
};

}  // namespace hubbub::inline v0
