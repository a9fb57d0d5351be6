// The cheapest exact clock of a machine, for measuring how long calls take.
#pragma once

#include <chrono>
#include <cstdint>

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

namespace hubbub::inline v0 {

/// Counts ticks at a constant rate: the processor's own counter where that never stops nor changes its pace, the steady
/// clock elsewhere. For durations only: it drifts against real time by some parts in a thousand. A value; any thread.
class tick_clock {
 public:
  /// The machine's. The first call of a process takes about a millisecond, to find out how fast the counter runs.
  [[nodiscard]] static tick_clock machine() noexcept;

  /// Ticks since some instant.
  [[nodiscard]] std::uint64_t now() const noexcept {
#if defined(__x86_64__) || defined(__i386__)
    if (counts_cycles_) return __rdtsc();
#endif
    return steady_nanoseconds();
  }
  /// Ticks since `begin`, a former `now`; never negative.
  [[nodiscard]] std::uint64_t since(std::uint64_t begin) const noexcept {
    const std::uint64_t passed = now() - begin;
    return static_cast<std::int64_t>(passed) < 0 ? 0 : passed;
  }
  [[nodiscard]] double seconds(std::uint64_t ticks) const noexcept { return static_cast<double>(ticks) / per_second_; }
  /// Ticks of a duration, rounded down.
  [[nodiscard]] std::uint64_t ticks(double seconds) const noexcept {
    return static_cast<std::uint64_t>(seconds * per_second_);
  }

 private:
  [[nodiscard]] static tick_clock measured() noexcept;
  [[nodiscard]] static std::uint64_t steady_nanoseconds() noexcept;

  double per_second_ = 1e9;
  bool counts_cycles_ = false;
};

}  // namespace hubbub::inline v0
