// Hub contexts and endpoints of a hub class: sending from anywhere, and mapping.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <utility>

#include "hubbub/hub/clients.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "hubbub/hub/methods.hpp"
#include "hubbub/hub/typed_clients.hpp"

namespace hubbub::inline v0 {

/// Sends to the clients of a hub from outside of its methods. A value that may be copied; any thread, as long as the
/// server exists. Messages sent by one thread reach a recipient in the order they were sent.
template <class Hub>
class hub_context {
 public:
  hub_context(std::shared_ptr<lifetime_manager> lifetime, hub_host& host) noexcept
      : lifetime_(std::move(lifetime)), host_(&host) {}
  /// The hub's clients: a hub_clients, or where the hub has a client interface one that takes only what that lists.
  [[nodiscard]] auto clients() const { return detail::clients_of<Hub>(hub_clients(*lifetime_)); }
  /// The hub's groups.
  [[nodiscard]] group_manager groups() const noexcept { return group_manager(*lifetime_); }
  /// The server's shards, for `spawn`.
  [[nodiscard]] hub_host& host() const noexcept { return *host_; }

 private:
  std::shared_ptr<lifetime_manager> lifetime_;
  hub_host* host_;
};

/// Starts a task on a shard of the hub's server, from any thread; see `spawn(shard&, task)`. Throws std::logic_error
/// before the server was started.
template <class Hub, class T>
[[nodiscard]] std::future<T> spawn(const hub_context<Hub>& context, task<T> work) {
  return spawn(context.host().any_shard(), std::move(work));
}

namespace detail {

using hub_factory = std::function<std::unique_ptr<hub_base>()>;

[[nodiscard]] std::shared_ptr<hub_endpoint> make_endpoint(hub_host& host, const hub_type& type,
                                                          std::type_index identity, hub_factory factory);
/// `ns::chat_hub` becomes `ChatHub`, `ns::hub<ns::tag>` becomes `HubTag`.
[[nodiscard]] std::string hub_name(std::string_view printed_class_name);

template <class Hub>
const hub_type& type_of() {
  static_assert(std::is_base_of_v<hub_base, Hub>, "hubbub: a hub derives from hubbub::hub<itself>");
  static_assert(
      requires { typename Hub::methods; },
      "hubbub: a hub names its methods: using methods = hubbub::methods<&my_hub::say, ...>;");
  static const hub_type type = [] {
    hub_type::connected_hook connected = nullptr;
    hub_type::disconnected_hook disconnected = nullptr;
    if constexpr (requires(Hub & object) { object.on_connected(); }) {
      connected = [](hub_base& base) -> task<void> {
        Hub& object = static_cast<Hub&>(base);
        using made = task_of<decltype(object.on_connected())>;
        if constexpr (made::is_task) {
          return made::as_task(object.on_connected());
        } else {
          object.on_connected();
          return {};
        }
      };
    }
    if constexpr (requires(Hub & object, const close_reason& why) { object.on_disconnected(why); }) {
      disconnected = [](hub_base& base, const close_reason& why) -> task<void> {
        Hub& object = static_cast<Hub&>(base);
        using made = task_of<decltype(object.on_disconnected(why))>;
        if constexpr (made::is_task) {
          return made::as_task(object.on_disconnected(why));
        } else {
          object.on_disconnected(why);
          return {};
        }
      };
    }
    return hub_type(hub_name(printed_class<Hub>()), Hub::methods::template table<Hub>(), connected, disconnected);
  }();
  return type;
}

}  // namespace detail

/// Maps a hub: `arguments` are copied once and given to the constructor of every hub object; `std::ref` passes a
/// reference, which is then used by all shards at once. Before the server starts.
template <class Hub, class... Arguments>
[[nodiscard]] std::shared_ptr<hub_endpoint> make_hub_endpoint(hub_host& host, Arguments&&... arguments) {
  auto kept = std::make_shared<std::tuple<std::decay_t<Arguments>...>>(std::forward<Arguments>(arguments)...);
  detail::hub_factory factory = [kept]() -> std::unique_ptr<hub_base> {
    return std::apply(
        [](auto&... argument) {
          return std::unique_ptr<hub_base>(
              new Hub(static_cast<std::unwrap_reference_t<std::remove_reference_t<decltype(argument)>>&>(argument)...));
        },
        *kept);
  };
  return detail::make_endpoint(host, detail::type_of<Hub>(), typeid(Hub), std::move(factory));
}

/// The context of a hub class. `name` only when the mapping was given one. Any thread once the server is built.
template <class Hub>
[[nodiscard]] hub_context<Hub> make_hub_context(hub_host& host, const std::string& name = {}) {
  return hub_context<Hub>(host.lifetime_of(typeid(Hub), name.empty() ? detail::type_of<Hub>().name() : name), host);
}

}  // namespace hubbub::inline v0
