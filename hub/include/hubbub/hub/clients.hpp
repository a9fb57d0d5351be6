// Client proxies: how hubs and hub contexts call methods of clients.
#pragma once

#include <coroutine>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "hubbub/connection/connection.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/hub/audience.hpp"
#include "hubbub/hub/client_interface.hpp"
#include "hubbub/hub/client_result.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

class lifetime_manager;
struct drain_wait;  ///< a coroutine that waits for a connection's outbox

/// What `send` returns: ignore it, or await it inside a task to go no faster than the one recipient takes messages
/// (decision 8). Sends to several recipients and to connections of other shards are complete at once. Awaited in an
/// invocation that was cancelled or whose connection ended, it throws `operation_cancelled`. Home shard.
class sent {
 public:
  using resumes_at_home = void;
  sent() noexcept = default;
  explicit sent(connection_ref recipient) noexcept : recipient_(std::move(recipient)) {}
  sent(sent&&) noexcept = default;
  sent& operator=(sent&&) = delete;
  ~sent();

  bool await_ready() const noexcept { return false; }  // `start` says whether there is something to wait for
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    return start(waiting, waiting.promise().context());
  }
  void await_resume() const;

 private:
  bool start(std::coroutine_handle<> waiting, const task_context& context);
  connection_ref recipient_;
  std::shared_ptr<drain_wait> wait_;  ///< shared with the recipient while it waits
  bool cancelled_ = false;
};

/// Some clients of a hub. A value; from a hub: home shard, from a hub context: any thread.
class client_proxy {
 public:
  client_proxy(lifetime_manager& lifetime, audience whom) noexcept : lifetime_(&lifetime), whom_(std::move(whom)) {}

  /// Calls `method` of these clients with `arguments` and expects no answer. Queues and returns; encoded once per
  /// protocol, shared by all receivers. Recipients that do not exist are no error. Throws std::invalid_argument for
  /// values that cannot be written (NaN, infinity). (server-semantics.md 4)
  template <class... Arguments>
  sent send(std::string_view method, const Arguments&... arguments) const {
    static_assert((writable_value<Arguments> && ...),
                  "hubbub: an argument of send() cannot be written; describe its type with HUBBUB_FIELDS or include "
                  "<hubbub/json.hpp> and give it nlohmann's to_json");
    const auto write = [&](value_writer& writer) {
      (value_codec<std::decay_t<const Arguments&>>::write(writer, arguments), ...);
      std::ignore = writer;
    };
    return deliver(method, sizeof...(Arguments), write);
  }
  /// The same for an event whose name and arguments were declared: other arguments do not compile. Numbers may be
  /// narrower than declared and texts may be of any kind; what is written is what was declared.
  template <fixed_text Name, class... Parameters, class... Arguments>
  sent send(const event<Name, Parameters...>&, const Arguments&... arguments) const {
    detail::check_arguments<std::tuple<Parameters...>, Arguments...>();
    if constexpr (sizeof...(Parameters) == sizeof...(Arguments)) {
      const auto write = [&](value_writer& writer) {
        (detail::write_as<Parameters>(writer, arguments), ...);
        std::ignore = writer;
      };
      return deliver(Name.view(), sizeof...(Arguments), write);
    } else {
      return sent();
    }
  }

 protected:
  [[nodiscard]] lifetime_manager& lifetime() const noexcept { return *lifetime_; }
  [[nodiscard]] const audience& whom() const noexcept { return whom_; }

 private:
  sent deliver(std::string_view method, std::size_t count, write_values arguments) const;
  lifetime_manager* lifetime_;
  audience whom_;
};

/// One client of a hub: it may be asked for a result. A value; see client_proxy.
class single_client : public client_proxy {
 public:
  using client_proxy::client_proxy;

  /// Calls `method` of the client and waits for its result, which is read as a T (void: any result will do):
  /// `const int x = co_await clients().client(id).invoke<int>("Answer", 7)`. The arguments are encoded at once; throws
  /// std::invalid_argument for values that cannot be written. See client_call for the rest. (hub-protocol.md 6.4)
  template <class T, class... Arguments>
  [[nodiscard]] client_call<T> invoke(std::string_view method, const Arguments&... arguments) const {
    static_assert((writable_value<Arguments> && ...),
                  "hubbub: an argument of invoke() cannot be written; describe its type with HUBBUB_FIELDS or include "
                  "<hubbub/json.hpp> and give it nlohmann's to_json");
    static_assert(std::is_void_v<T> || readable_value<T>,
                  "hubbub: the result of invoke() cannot be read; describe its type with HUBBUB_FIELDS or include "
                  "<hubbub/json.hpp> and give it nlohmann's from_json");
    const auto write = [&](value_writer& writer) {
      (value_codec<std::decay_t<const Arguments&>>::write(writer, arguments), ...);
      std::ignore = writer;
    };
    return ask<T>(method, sizeof...(Arguments), write);
  }
  /// The same for a method whose name, arguments and result were declared: other arguments do not compile.
  template <fixed_text Name, class Result, class... Parameters, class... Arguments>
  [[nodiscard]] client_call<Result> invoke(const client_method<Name, Result(Parameters...)>&,
                                           const Arguments&... arguments) const {
    static_assert(std::is_void_v<Result> || readable_value<Result>,
                  "hubbub: the result of this client_method cannot be read; describe its type with HUBBUB_FIELDS or "
                  "include <hubbub/json.hpp> and give it nlohmann's from_json");
    detail::check_arguments<std::tuple<Parameters...>, Arguments...>();
    const auto write = [&](value_writer& writer) {
      if constexpr (sizeof...(Parameters) == sizeof...(Arguments)) {
        (detail::write_as<Parameters>(writer, arguments), ...);
      }
      std::ignore = writer;
    };
    return ask<Result>(Name.view(), sizeof...(Arguments), write);
  }

 private:
  template <class T, class Write>
  [[nodiscard]] client_call<T> ask(std::string_view method, std::size_t count, const Write& write) const {
    auto answer = std::make_shared<detail::typed_answer<T>>();
    if (!whom().connections.empty()) answer->client = whom().connections.front();
    return client_call<T>(lifetime(), std::move(answer), method, count, write);
  }
};

/// What `groups().add` and `remove` return: await it to know that the change is effective. Home shard.
class group_change {
 public:
  using resumes_at_home = void;
  struct pending;  ///< answer of another shard
  group_change() noexcept = default;
  explicit group_change(std::shared_ptr<pending> waits_for) noexcept : pending_(std::move(waits_for)) {}

  bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> waiting);
  void await_resume() const noexcept {}

 private:
  std::shared_ptr<pending> pending_;
};

/// Group membership of a hub. A value; any thread.
class group_manager {
 public:
  explicit group_manager(lifetime_manager& lifetime) noexcept : lifetime_(&lifetime) {}
  /// Adds a connection to a group; effective when awaited. Unknown connections are no error; adding twice is adding
  /// once. Group names are case-sensitive and not empty (std::invalid_argument). (server-semantics.md 5)
  group_change add(std::string_view connection_id, std::string_view group) const;
  /// Removes a connection from a group; see `add`.
  group_change remove(std::string_view connection_id, std::string_view group) const;

 private:
  lifetime_manager* lifetime_;
};

/// The clients of a hub, seen from outside of a call. A value; any thread.
class hub_clients {
 public:
  explicit hub_clients(lifetime_manager& lifetime) noexcept : lifetime_(&lifetime) {}

  /// Every connection of the hub.
  [[nodiscard]] client_proxy all() const;
  /// All but these connections.
  [[nodiscard]] client_proxy all_except(const std::vector<std::string>& connection_ids) const;
  /// One connection.
  [[nodiscard]] single_client client(std::string_view connection_id) const;
  /// The connections listed.
  [[nodiscard]] client_proxy clients(const std::vector<std::string>& connection_ids) const;
  /// The members of a group. Throws std::invalid_argument for an empty name.
  [[nodiscard]] client_proxy group(std::string_view name) const;
  /// The members of a group but these connections.
  [[nodiscard]] client_proxy group_except(std::string_view name, const std::vector<std::string>& connection_ids) const;
  /// The members of several groups; who is in two of them receives twice.
  [[nodiscard]] client_proxy groups(std::vector<std::string> names) const;
  /// All connections of a user. User ids are case-sensitive.
  [[nodiscard]] client_proxy user(std::string_view user_id) const;
  /// All connections of several users.
  [[nodiscard]] client_proxy users(std::vector<std::string> user_ids) const;

 protected:
  lifetime_manager* lifetime_;
};

/// The clients of a hub, seen from inside of a call. A value; home shard.
class hub_caller_clients : public hub_clients {
 public:
  hub_caller_clients(lifetime_manager& lifetime, const connection_id& caller) noexcept
      : hub_clients(lifetime), caller_(caller) {}

  /// The calling connection.
  [[nodiscard]] single_client caller() const;
  /// All but the calling connection.
  [[nodiscard]] client_proxy others() const;
  /// The members of a group but the calling connection.
  [[nodiscard]] client_proxy others_in_group(std::string_view name) const;

 private:
  connection_id caller_;
};

}  // namespace hubbub::inline v0
