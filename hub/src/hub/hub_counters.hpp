// What a hub counts on one shard: written there, read from anywhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hubbub/connection/connection.hpp"
#include "hubbub/core/counter.hpp"
#include "hubbub/core/tick_clock.hpp"
#include "hubbub/hub/hub_metrics.hpp"
#include "hubbub/hub/hub_type.hpp"

namespace hubbub::inline v0 {

/// A transport with a hub protocol, or with none before the handshake: the row of a table of counters.
using traffic_row = std::uint8_t;
inline constexpr std::size_t traffic_rows = 9;

[[nodiscard]] constexpr traffic_row row_without_protocol(transport_kind transport) noexcept {
  return static_cast<traffic_row>(static_cast<unsigned>(transport) * 3);
}
[[nodiscard]] constexpr traffic_row row_of(transport_kind transport, transfer_format format) noexcept {
  return static_cast<traffic_row>(static_cast<unsigned>(transport) * 3 + 1 + static_cast<unsigned>(format));
}
/// The format of a row with a protocol.
[[nodiscard]] constexpr transfer_format format_of(traffic_row row) noexcept {
  return row % 3 == 1 ? transfer_format::text : transfer_format::binary;
}

/// Bytes of hub messages. Written on one shard.
struct alignas(counter_alignment) traffic_counters {
  std::array<counter, traffic_rows> received;
  std::array<counter, traffic_rows> sent;
};

/// Calls of one method. Written on one shard.
struct alignas(counter_alignment) method_counters {
  counter errors;
  counter ticks;
  std::array<counter, duration_histogram::bounds.size() + 1> buckets;
};

/// What one endpoint of a hub counts on one shard. Written there; `add_to` on any thread.
class alignas(counter_alignment) hub_counters {
 public:
  explicit hub_counters(const hub_type& type);

  // Connections
  void arrived(traffic_row row) noexcept { now_[row].add(); }
  void agreed(traffic_row before, traffic_row after) noexcept {
    now_[before].subtract();
    now_[after].add();
    total_[after].add();
  }
  void left(traffic_row row) noexcept {
    now_[row].subtract();
    if (row % 3 == 0) total_[row].add();  // it never agreed on a protocol
  }
  void resumed() noexcept { resumed_.add(); }
  void ended(close_cause cause) noexcept { ended_[static_cast<std::size_t>(cause)].add(); }

  // Calls
  [[nodiscard]] const tick_clock& clock() const noexcept { return clock_; }
  void called_unknown() noexcept { unknown_calls_.add(); }
  /// A call has ended, after so many ticks.
  void called(const hub_method& method, bool failed, std::uint64_t ticks) noexcept {
    method_counters& of = methods_[type_.index_of(method)];
    if (failed) of.errors.add();
    of.ticks.add(ticks);
    std::size_t bucket = 0;
    while (bucket < bounds_.size() && ticks > bounds_[bucket]) ++bucket;
    of.buckets[bucket].add();
  }

  /// Adds everything up. Any thread.
  void add_to(hub_metrics& sum) const;

 private:
  const hub_type& type_;
  const tick_clock clock_ = tick_clock::machine();
  std::array<std::uint64_t, duration_histogram::bounds.size()> bounds_{};  ///< in ticks
  std::vector<method_counters> methods_;
  counter unknown_calls_;
  counter resumed_;
  std::array<counter, traffic_rows> now_;
  std::array<counter, traffic_rows> total_;
  std::array<counter, hub_metrics::causes> ended_;
};

/// A hub's metrics with nothing counted yet: the rows are there, methods come with `add_to`.
[[nodiscard]] hub_metrics empty_metrics(std::string name);

/// Adds the bytes of one shard. Any thread.
void add_traffic(const traffic_counters& of, hub_metrics& sum);

}  // namespace hubbub::inline v0
