// What a server has counted, as values, and as the text that Prometheus reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/hub/hub_metrics.hpp"

namespace hubbub::inline v0 {

/// Options that turn clients or requests away; each is counted.
enum class limit_kind : std::uint8_t {
  max_connections,              ///< 503 at once, or nothing for TLS
  max_connections_per_address,  ///< the same
  max_pending_connections,      ///< negotiate: 503
  max_pending_per_address,      ///< negotiate: 503
  max_request_head,             ///< 431 or 414
  max_request_body,             ///< 413
  request_timeout,              ///< 408
  allowed_origins,              ///< a WebSocket from a foreign origin: 403
};
inline constexpr std::size_t limit_kinds = static_cast<std::size_t>(limit_kind::allowed_origins) + 1;

/// The option's name.
[[nodiscard]] std::string_view name_of(limit_kind limit) noexcept;

/// Everything a server counts, of all shards at about the same moment. A value: what is taken later does not change it.
/// Numbers called `now` or without a verb go up and down, all others only up, from the server's start.
struct server_metrics {
  std::vector<hub_metrics> hubs;  ///< in the order of their mappings; several mappings of one name are one hub

  std::size_t shards = 0;
  std::uint64_t sockets = 0;                 ///< open now, whatever they are used for
  std::uint64_t sockets_accepted = 0;        ///< without those that a limit turned away
  std::uint64_t network_bytes_received = 0;  ///< of all sockets, as the system delivered them
  std::uint64_t network_bytes_sent = 0;      ///< of all sockets, as the system took them

  std::uint64_t negotiations_accepted = 0;            ///< a connection was made
  std::uint64_t negotiations_redirected = 0;          ///< sent elsewhere by the negotiate hook
  std::uint64_t negotiations_refused = 0;             ///< by the negotiate hook, or for the version
  std::uint64_t pending_connections = 0;              ///< negotiated, and nobody has come for them yet
  std::array<std::uint64_t, limit_kinds> rejected{};  ///< index: limit_kind

  std::uint64_t raw_websockets = 0;  ///< of `map_websocket`, open now
  std::uint64_t raw_websockets_opened = 0;

  std::uint64_t outbox_bytes = 0;        ///< wait for clients that cannot take them now; at most a second old
  std::uint64_t waiting_clients = 0;     ///< those clients; at most a second old
  std::uint64_t slow_clients_ended = 0;  ///< for outbox_limit or send_timeout, at hubs and raw WebSockets
  std::uint64_t mailbox_jobs = 0;        ///< wait for a shard to begin its next turn
  std::uint64_t mailbox_bytes = 0;       ///< what these jobs hold, as mailbox_limit counts it
  std::uint64_t mailbox_lost = 0;        ///< jobs refused for mailbox_limit: messages were lost

  std::uint64_t log_lines_dropped = 0;  ///< by the logger

  /// Clients or requests turned away for that option.
  [[nodiscard]] std::uint64_t rejected_by(limit_kind limit) const noexcept {
    return rejected[static_cast<std::size_t>(limit)];
  }
  /// A hub by its name; null when there is none.
  [[nodiscard]] const hub_metrics* hub(std::string_view name) const noexcept {
    for (const hub_metrics& one : hubs) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }
};

/// The content type of `prometheus_text`.
inline constexpr std::string_view prometheus_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// The text exposition format of Prometheus, version 0.0.4. Names and labels are told in docs/observability.md.
[[nodiscard]] std::string prometheus_text(const server_metrics& of);

}  // namespace hubbub::inline v0
