// The settings of a hub endpoint that concern the hub itself; the transports' own are with the server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hubbub::inline v0 {

/// The hub protocols: how messages are written.
enum class protocol_kind : std::uint8_t { json, messagepack };

/// Settings of one mapped hub; defaults are those of ASP.NET Core SignalR where it has one. A value, checked and frozen
/// when the server starts.
struct hub_settings {
  std::string name;  ///< stable name of the hub; empty: its class name in PascalCase without namespace
  std::vector<protocol_kind> protocols{protocol_kind::json, protocol_kind::messagepack};  ///< those clients may choose
  std::size_t max_message_size =
      32 * 1024;  ///< bytes a client may send in one hub message, framing included; 0: no limit
  std::chrono::milliseconds handshake_timeout{15'000};
  std::chrono::milliseconds keep_alive_interval{15'000};  ///< a Ping goes out every interval; 0: never
  std::chrono::milliseconds client_timeout{30'000};  ///< silence after which a client that pings is given up; 0: never
  unsigned max_parallel_invocations = 1;             ///< running invocations per client, 1 to 1000
  std::size_t stream_capacity = 10;        ///< items of a client's stream that wait for its method, 1 to 1'000'000
  std::size_t upload_limit = 1024 * 1024;  ///< bytes of further items, of all streams of a client; then it must wait
  std::size_t max_streams = 1000;          ///< streams of a client that may be open at the same time, both ways
  bool detailed_errors = false;            ///< exception texts go to the client
  std::size_t outbox_limit = 4 * 1024 * 1024;       ///< bytes that may wait for one client
  bool close_on_authentication_expiration = false;  ///< a connection ends when its user's token does
  std::vector<std::string> kept_headers;            ///< request headers a connection keeps after on_connected
  bool allow_stateful_reconnects = false;  ///< clients that ask for it keep their connection over a lost WebSocket
  std::size_t stateful_reconnect_buffer_size = 100'000;  ///< bytes sent to such a client and not acknowledged by it
};

}  // namespace hubbub::inline v0
