// The base of every hub: what a hub method can ask and do.
#pragma once

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "hubbub/connection/close_reason.hpp"
#include "hubbub/connection/principal.hpp"
#include "hubbub/connection/request.hpp"
#include "hubbub/core/cancellation.hpp"
#include "hubbub/core/logger.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/hub/clients.hpp"
#include "hubbub/hub/typed_clients.hpp"

namespace hubbub::inline v0 {

class hub_connection;

/// Per-connection values by name, for code that has no hub member to put them into.
using connection_items = std::map<std::string, std::any, std::less<>>;

/// One object per connection and hub: created before on_connected, destroyed after on_disconnected and the last running
/// method. Everything here is called on the connection's shard, from the constructor on; members need no lock.
class hub_base {
 public:
  hub_base(const hub_base&) = delete;
  hub_base& operator=(const hub_base&) = delete;
  virtual ~hub_base() = default;

  /// Public id of the connection: unique, 22 characters, changes when a client reconnects.
  [[nodiscard]] std::string connection_id() const;
  /// The hub's name, for code that serves several hubs: the class name in PascalCase unless the mapping gave another.
  [[nodiscard]] const std::string& hub_name() const noexcept;
  /// The user's id; empty when there is none.
  [[nodiscard]] const std::string& user_id() const noexcept;
  /// Who was authenticated; null = anonymous.
  [[nodiscard]] const principal* user() const noexcept;
  /// The request that started the connection. After on_connected: path, query, remote address and the headers named by
  /// `keep_headers` (decision 27).
  [[nodiscard]] const hubbub::request& request() const;
  /// The clients of this hub.
  [[nodiscard]] hub_caller_clients clients() const noexcept;
  /// Group membership.
  [[nodiscard]] group_manager groups() const noexcept;
  /// Values of this connection by name; allocated when first used.
  [[nodiscard]] connection_items& items();
  /// Ends the connection: Close without permission to reconnect. The running method goes on; its waits are cancelled.
  void abort();
  /// Fires when the connection ends.
  [[nodiscard]] cancellation connection_aborted() const;
  /// Runs `work` beside the methods of this connection; its waits are cancelled when the connection ends, its
  /// exceptions are logged. The hub object lives until it ends.
  void spawn(task<void> work);
  /// The connection's shard.
  [[nodiscard]] shard& home() const noexcept;
  /// The log of the server.
  [[nodiscard]] logger& log() const noexcept;

 protected:
  /// Only the library makes hubs, so that the members above work in constructors too.
  hub_base();

 private:
  hub_connection* connection_;
};

/// The base class of a hub: `class chat_hub : public hubbub::hub<chat_hub>` with a public `using methods =
/// hubbub::methods<...>`. Optional hooks, plain or tasks: `on_connected()`, `on_disconnected(const
/// hubbub::close_reason&)`.
template <class Derived>
class hub : public hub_base {
 public:
  /// The clients of this hub: a hub_caller_clients, or where the hub has a client interface (`using client =
  /// hubbub::client_interface<...>`) one that takes only what that lists.
  [[nodiscard]] auto clients() const { return detail::clients_of<Derived>(hub_base::clients()); }

 protected:
  hub() = default;
};

}  // namespace hubbub::inline v0
