// Client proxies that take only what a hub's client interface lists.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "hubbub/hub/client_interface.hpp"
#include "hubbub/hub/clients.hpp"

namespace hubbub::inline v0 {

/// Some clients of a hub with a client interface. A value; from a hub: home shard, from a hub context: any thread.
template <class Interface>
class typed_proxy {
 public:
  explicit typed_proxy(client_proxy whom) noexcept : whom_(std::move(whom)) {}
  /// Sends an event of the interface; see client_proxy::send.
  template <class Event, class... Arguments>
  sent send(const Event& what, const Arguments&... arguments) const {
    static_assert(!std::is_convertible_v<const Event&, std::string_view>,
                  "hubbub: this hub has a client interface: send one of its events, or any name with "
                  "hub_base::clients()");
    static_assert(!detail::is_client_method<Event>,
                  "hubbub: a client_method is invoked, at one client: clients().client(id).invoke(method, ...)");
    static_assert(std::is_convertible_v<const Event&, std::string_view> || Interface::template has<Event>,
                  "hubbub: this hub's client interface does not list this event");
    if constexpr (detail::is_event<Event>) {
      return whom_.send(what, arguments...);
    } else {
      return sent();
    }
  }

 private:
  client_proxy whom_;
};

/// One client of a hub with a client interface: it may be asked for a result. A value; see typed_proxy.
template <class Interface>
class typed_single_client : public typed_proxy<Interface> {
 public:
  explicit typed_single_client(const single_client& whom) : typed_proxy<Interface>(whom), asked_(whom) {}
  /// Calls a method of the interface and waits for its result; see single_client::invoke.
  template <fixed_text Name, class Result, class... Parameters, class... Arguments>
  [[nodiscard]] client_call<Result> invoke(const client_method<Name, Result(Parameters...)>& method,
                                           const Arguments&... arguments) const {
    static_assert(Interface::template has<client_method<Name, Result(Parameters...)>>,
                  "hubbub: this hub's client interface does not list this client_method");
    return asked_.invoke(method, arguments...);
  }

 private:
  single_client asked_;
};

/// The clients of a hub with a client interface, as hub_clients (`Clients`) selects them. A value; see typed_proxy.
template <class Interface, class Clients>
class typed_clients {
 public:
  using proxy = typed_proxy<Interface>;
  using single = typed_single_client<Interface>;
  explicit typed_clients(Clients of) noexcept : of_(std::move(of)) {}

  [[nodiscard]] proxy all() const { return proxy(of_.all()); }
  [[nodiscard]] proxy all_except(const std::vector<std::string>& connection_ids) const {
    return proxy(of_.all_except(connection_ids));
  }
  [[nodiscard]] single client(std::string_view connection_id) const { return single(of_.client(connection_id)); }
  [[nodiscard]] proxy clients(const std::vector<std::string>& connection_ids) const {
    return proxy(of_.clients(connection_ids));
  }
  [[nodiscard]] proxy group(std::string_view name) const { return proxy(of_.group(name)); }
  [[nodiscard]] proxy group_except(std::string_view name, const std::vector<std::string>& connection_ids) const {
    return proxy(of_.group_except(name, connection_ids));
  }
  [[nodiscard]] proxy groups(std::vector<std::string> names) const { return proxy(of_.groups(std::move(names))); }
  [[nodiscard]] proxy user(std::string_view user_id) const { return proxy(of_.user(user_id)); }
  [[nodiscard]] proxy users(std::vector<std::string> user_ids) const { return proxy(of_.users(std::move(user_ids))); }

  // In hubs, not in hub contexts
  [[nodiscard]] single caller() const { return single(of_.caller()); }
  [[nodiscard]] proxy others() const { return proxy(of_.others()); }
  [[nodiscard]] proxy others_in_group(std::string_view name) const { return proxy(of_.others_in_group(name)); }

 private:
  Clients of_;
};

namespace detail {

template <class T>
inline constexpr bool is_client_interface = false;
template <auto... Members>
inline constexpr bool is_client_interface<client_interface<Members...>> = true;

// A hub's clients, typed where the hub names its interface. The hub must be complete.
template <class Hub, class Clients>
auto clients_of(Clients plain) {
  static_assert(sizeof(Hub) != 0, "hubbub: the hub's class must be complete here");
  if constexpr (requires { typename Hub::client; }) {
    static_assert(is_client_interface<typename Hub::client>,
                  "hubbub: a hub's client is an interface: using client = hubbub::client_interface<said, ...>;");
    return typed_clients<typename Hub::client, Clients>(std::move(plain));
  } else {
    return plain;
  }
}

}  // namespace detail
}  // namespace hubbub::inline v0
