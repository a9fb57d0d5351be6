// What was counted at a hub, as values: taken from all shards at some moment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/connection/close_reason.hpp"
#include "hubbub/connection/transport_kind.hpp"
#include "hubbub/hub/hub_settings.hpp"

namespace hubbub::inline v0 {

/// How many things took how long. A value.
struct duration_histogram {
  /// Upper bounds of the buckets in seconds, inclusive; a last bucket behind them holds what took longer.
  static constexpr std::array<double, 14> bounds{0.00001, 0.000025, 0.0001, 0.00025, 0.001, 0.0025, 0.01,
                                                 0.025,   0.1,      0.25,   1,       2.5,   10,     60};
  std::array<std::uint64_t, bounds.size() + 1> buckets{};  ///< each by itself, not added up
  double sum_seconds = 0;

  /// All that were measured.
  [[nodiscard]] std::uint64_t count() const noexcept {
    return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
  }
};

/// One method of a hub. A value.
struct method_metrics {
  std::string name;               ///< canonical: `JoinRoom`
  std::uint64_t calls = 0;        ///< that have ended; those of unknown methods are in `hub_metrics::unknown_calls`
  std::uint64_t errors = 0;       ///< of these: the caller got an error, or would have got one if it had waited for it
  duration_histogram duration{};  ///< from the call to its completion; a stream's, to its last item
};

/// The connections of a hub over one transport with one hub protocol. A value.
struct connection_metrics {
  transport_kind transport = transport_kind::web_sockets;
  std::optional<protocol_kind> protocol;  ///< nothing: not agreed on yet, or never
  std::uint64_t now = 0;                  ///< connected at this moment
  std::uint64_t total = 0;                ///< that agreed on this protocol; nothing: that ended without a protocol
  std::uint64_t bytes_received = 0;       ///< what clients sent to the hub, without the transport's framing
  std::uint64_t bytes_sent = 0;           ///< what was queued for clients, without the transport's framing
};

/// A hub: all mappings of one name together. A value.
struct hub_metrics {
  static constexpr std::size_t causes = static_cast<std::size_t>(close_cause::server_stopping) + 1;

  std::string name;
  std::vector<connection_metrics> connections;  ///< each transport with each protocol and with none, always all nine
  std::array<std::uint64_t, causes> ended{};    ///< connections that ended, index: close_cause
  std::uint64_t resumed = 0;                    ///< times that a client went on over another WebSocket
  std::uint64_t unknown_calls = 0;              ///< calls of methods that do not exist
  std::vector<method_metrics> methods;          ///< in the order of the hub's table

  /// Connections that ended for that reason.
  [[nodiscard]] std::uint64_t ended_by(close_cause cause) const noexcept {
    return ended[static_cast<std::size_t>(cause)];
  }
  /// Connected at this moment, over all transports.
  [[nodiscard]] std::uint64_t connected() const noexcept {
    std::uint64_t sum = 0;
    for (const connection_metrics& one : connections) sum += one.now;
    return sum;
  }
  /// A method by its canonical name; null when there is none.
  [[nodiscard]] const method_metrics* method(std::string_view called) const noexcept {
    for (const method_metrics& one : methods) {
      if (one.name == called) return &one;
    }
    return nullptr;
  }
};

}  // namespace hubbub::inline v0
