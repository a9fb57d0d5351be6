// The opening handshake of RFC 6455 on the server: the check of the request and the 101 answer.
#pragma once

#include <array>
#include <string_view>

#include "hubbub/connection/request.hpp"
#include "hubbub/core/wire_buffer.hpp"

namespace hubbub::inline v0 {

/// What to answer to an upgrade request.
struct upgrade_verdict {
  int status = 101;              ///< 101, 400 or 426 (then add `Sec-WebSocket-Version: 13`)
  std::string_view reason = {};  ///< for the answer's body; a literal
};

/// True when the request wants to become a WebSocket: GET, HTTP/1.1, `Connection: Upgrade`, `Upgrade: websocket`.
/// Anything else is ordinary HTTP.
[[nodiscard]] bool asks_for_websocket(const request& asked);

/// Checks a request for which `asks_for_websocket` is true: key, version, no body.
[[nodiscard]] upgrade_verdict check_upgrade(const request& asked);

/// `Sec-WebSocket-Accept` for a key (24 characters).
[[nodiscard]] std::array<char, 28> websocket_accept(std::string_view key);

/// Appends the 101 answer, with the chosen subprotocol unless that is empty.
void write_upgrade_answer(wire_buffer& out, const request& asked, std::string_view subprotocol = {});

}  // namespace hubbub::inline v0
