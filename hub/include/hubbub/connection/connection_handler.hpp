// What a transport needs to know of the thing behind an endpoint: a hub, or later something else.
#pragma once

#include <string_view>

#include "hubbub/connection/connection.hpp"

namespace hubbub::inline v0 {

/// The application side of an endpoint. Called on the home shard of the connection in question.
class connection_handler {
 public:
  virtual ~connection_handler() = default;
  /// Outbox limits of its connections; valid as long as the handler.
  [[nodiscard]] virtual const connection_limits& limits() const noexcept = 0;
  /// True when connections may be resumed by clients that ask for it (option `allow_stateful_reconnects`).
  [[nodiscard]] virtual bool allows_stateful_reconnects() const noexcept { return false; }
  /// The first transport attached: a receiver is set on `fresh` before this returns. Never throws.
  virtual void open(connection& fresh) = 0;
  /// Tells every connection of `home` goodbye (server stop): Close with allowReconnect, then finish.
  virtual void say_goodbye(shard& home) = 0;
  /// Ends what application code still runs on `home` for this endpoint: waits are cancelled.
  virtual void cancel_running(shard& home) = 0;
  /// Connections of `home` that are open or whose application code still runs.
  [[nodiscard]] virtual std::size_t busy(shard& home) const = 0;
  /// Methods that still run on `home`, for the log when a stop takes too long.
  [[nodiscard]] virtual std::string still_running(shard& home) const = 0;
};

}  // namespace hubbub::inline v0
