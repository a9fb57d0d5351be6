// Options of a server: addresses, limits and times. What a client sees when a limit is hit is told in docs/options.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hubbub/tls_options.hpp"

namespace hubbub::inline v0 {

/// Which headers of trusted proxies count. The others are not looked at: a proxy passes on what it does not know.
enum class forwarded_by : std::uint8_t {
  x_forwarded,  ///< `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`
  forwarded,    ///< `Forwarded` (RFC 7239)
};

/// A secret that signs connection tokens. The first key signs; all of them are accepted, so that keys can be changed.
struct connection_token_key {
  std::uint8_t id = 0;   ///< different for each
  std::string secret{};  ///< 16 bytes or more, of a random generator
};

/// How a server is made. A value; checked by `server::start`, which throws std::invalid_argument with the option's
/// name.
struct server_options {
  std::uint16_t port = 5000;          ///< of the first listener; 0: any free one, see `server::port`
  std::string address = "127.0.0.1";  ///< of the first listener: IPv4 or IPv6; empty: only what `listen` adds
  unsigned threads = 0;               ///< shards, one thread each; 0: one per core
  std::size_t max_connections = 0;    ///< open sockets; more are answered with 503. 0: as many as descriptors allow
  std::size_t max_connections_per_address = 0;        ///< open sockets of one remote address; more: 503. 0: no limit
  std::size_t max_pending_connections = 100'000;      ///< negotiated, not yet connected; more: 503. 0: no limit
  std::size_t max_pending_per_address = 10'000;       ///< the same of one client address. 0: no limit
  std::size_t max_requests_per_connection = 0;        ///< then an HTTP connection is closed in good order. 0: no limit
  std::size_t max_request_head = 32 * 1024;           ///< bytes of request line and headers; more: 431
  std::size_t max_request_body = 1024 * 1024;         ///< bytes of a request's body; more: 413
  std::chrono::milliseconds request_timeout{30'000};  ///< a request must be whole by then; else 408
  std::chrono::milliseconds keep_alive_timeout{35'000};  ///< an idle HTTP connection is closed
  std::chrono::milliseconds disconnect_timeout{15'000};  ///< a negotiated connection that never came is forgotten
  std::chrono::milliseconds send_timeout{10'000};    ///< nothing could be written for so long: the client is dropped
  std::chrono::milliseconds close_timeout{5'000};    ///< waiting for the peer's end of a WebSocket close
  std::chrono::milliseconds drain_timeout{5'000};    ///< stop: for goodbyes and running work, then they are cut
  std::chrono::milliseconds slow_call_warning{100};  ///< a call that holds its shard longer is logged; 0: never
  unsigned blocking_threads = 4;                     ///< for `run_blocking` and files
  std::size_t mailbox_limit =
      64 * 1024 * 1024;                 ///< bytes that may wait for a shard; more: messages are lost and logged
  std::size_t blocking_queue = 10'000;  ///< calls of `run_blocking` that may wait
  std::chrono::milliseconds retry_after{
      5'000};  ///< `Retry-After` of answers with 503: while stopping, and at limits. 0: none
  std::vector<std::string> trusted_proxies{};  ///< addresses, networks (`10.0.0.0/8`) or `unix`; default: nobody
  forwarded_by forwarded_header = forwarded_by::x_forwarded;  ///< what those proxies send
  std::vector<connection_token_key> token_keys{};  ///< of connection tokens; none: one random key per process
};

/// One more address to listen at.
struct listen_options {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6; `::` takes IPv4 too
  std::uint16_t port = 0;             ///< 0: any free one
  std::string unix_path{};            ///< when not empty: a Unix socket at this path instead
  std::optional<tls_options> tls{};   ///< nothing: plain HTTP
};

}  // namespace hubbub::inline v0
