// Why a connection ended: one line of documentation for each cause.
#pragma once

#include <string>
#include <string_view>

namespace hubbub::inline v0 {

enum class close_cause : unsigned char {
  client_left,             ///< the transport ended without a goodbye; the client may come back
  client_closed,           ///< the client said goodbye: hub Close or a close frame
  aborted,                 ///< application code called abort(); not meant to come back
  handshake_failed,        ///< no valid handshake in time; the client should not repeat it unchanged
  open_failed,             ///< the hub's constructor or on_connected threw; not meant to come back
  protocol_error,          ///< a message broke the hub protocol or the transport's framing; may come back
  message_too_large,       ///< a message exceeded max_message_size; may come back
  client_timeout,          ///< nothing was heard for client_timeout; may come back
  send_timeout,            ///< nothing could be written for send_timeout; may come back
  outbox_full,             ///< more than outbox_limit waited for a slow client; may come back
  authentication_expired,  ///< the user's token is over (option close_on_authentication_expiration); may come back
  server_stopping,         ///< the server goes down; may come back (to another node)
};

/// Name of a cause, for logs: `client_left`, ...
[[nodiscard]] std::string_view name_of(close_cause cause) noexcept;

/// Why a connection ended. A value.
struct close_reason {
  close_cause cause = close_cause::client_left;
  std::string text;  ///< details for the log; empty when there are none

  /// True when `on_disconnected` should see an error (server-semantics 2): everything but a clean end.
  [[nodiscard]] bool is_error() const noexcept {
    switch (cause) {
      case close_cause::client_left:
      case close_cause::client_closed:
      case close_cause::aborted:
      case close_cause::authentication_expired:
      case close_cause::server_stopping: return !text.empty() && cause == close_cause::client_closed;
      default: return true;
    }
  }
};

}  // namespace hubbub::inline v0
