// Names of close causes.
#include "hubbub/connection/close_reason.hpp"

namespace hubbub::inline v0 {

std::string_view name_of(close_cause cause) noexcept {
  switch (cause) {
    case close_cause::client_left: return "client_left";
    case close_cause::client_closed: return "client_closed";
    case close_cause::aborted: return "aborted";
    case close_cause::handshake_failed: return "handshake_failed";
    case close_cause::open_failed: return "open_failed";
    case close_cause::protocol_error: return "protocol_error";
    case close_cause::message_too_large: return "message_too_large";
    case close_cause::client_timeout: return "client_timeout";
    case close_cause::send_timeout: return "send_timeout";
    case close_cause::outbox_full: return "outbox_full";
    case close_cause::authentication_expired: return "authentication_expired";
    case close_cause::server_stopping: return "server_stopping";
  }
  return "unknown";
}

}  // namespace hubbub::inline v0
