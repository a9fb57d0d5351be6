// Counters that one thread writes and every thread may read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hubbub::inline v0 {

/// Keeps what one shard counts away from the cache lines of the others.
inline constexpr std::size_t counter_alignment = 64;

/// A number with a single writer: it costs a load, an addition and a store, no locked instruction. `add` and `subtract`
/// on the writer's thread, `read` on any; a reader may be a moment late, and never sees half a number.
class counter {
 public:
  counter() noexcept = default;
  counter(const counter&) = delete;
  counter& operator=(const counter&) = delete;

  void add(std::uint64_t by = 1) noexcept { set(read() + by); }
  void subtract(std::uint64_t by = 1) noexcept { set(read() - by); }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace hubbub::inline v0
