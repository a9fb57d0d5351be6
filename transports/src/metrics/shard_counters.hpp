// What the server's part of a shard counts: written there, read from anywhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "hubbub/core/counter.hpp"
#include "hubbub/metrics.hpp"

namespace hubbub::inline v0 {

/// See server_metrics for their meaning. Written on one shard; `add_to` on any thread.
class alignas(counter_alignment) shard_counters {
 public:
  counter accepted;
  counter negotiations_accepted;
  counter negotiations_redirected;
  counter negotiations_refused;
  counter raw_opened;
  counter raw_closed;
  counter raw_slow;

  void rejected(limit_kind limit) noexcept { rejected_[static_cast<std::size_t>(limit)].add(); }

  // What waits for clients is not counted on the way of every message: a sweep looks once a second, at those only whose
  // sockets are full and who would hold something at all.
  void begin_sweep() noexcept { seen_bytes_ = seen_clients_ = 0; }
  /// A client was met for whom so many bytes wait.
  void saw_waiting(std::size_t size) noexcept {
    seen_bytes_ += size;
    ++seen_clients_;
  }
  void end_sweep(unsigned part) noexcept {
    waiting_bytes_[part].set(seen_bytes_);
    waiting_clients_[part].set(seen_clients_);
  }

  /// Adds them up. Any thread.
  void add_to(server_metrics& sum) const noexcept {
    sum.sockets_accepted += accepted.read();
    sum.negotiations_accepted += negotiations_accepted.read();
    sum.negotiations_redirected += negotiations_redirected.read();
    sum.negotiations_refused += negotiations_refused.read();
    const std::uint64_t closed = raw_closed.read();  // before `opened`, which is never behind it then
    const std::uint64_t opened = raw_opened.read();
    sum.raw_websockets += opened > closed ? opened - closed : 0;
    sum.raw_websockets_opened += opened;
    sum.slow_clients_ended += raw_slow.read();
    for (std::size_t i = 0; i < rejected_.size(); ++i) sum.rejected[i] += rejected_[i].read();
    for (const counter& one : waiting_bytes_) sum.outbox_bytes += one.read();
    for (const counter& one : waiting_clients_) sum.waiting_clients += one.read();
  }

 private:
  static constexpr std::size_t sweep_parts = 10;  // of a shard's round of sweeps

  std::array<counter, limit_kinds> rejected_;
  std::array<counter, sweep_parts> waiting_bytes_;
  std::array<counter, sweep_parts> waiting_clients_;
  std::uint64_t seen_bytes_ = 0;
  std::uint64_t seen_clients_ = 0;
};

}  // namespace hubbub::inline v0
