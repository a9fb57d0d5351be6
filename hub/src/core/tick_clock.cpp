// How fast a processor's cycle counter runs, and whether it can be relied on.
#include "hubbub/core/tick_clock.hpp"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace hubbub::inline v0 {
namespace {

// "Invariant TSC": the same pace whatever the processor's frequency, and no stop while it sleeps.
bool has_constant_counter() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0x8000'0007, &a, &b, &c, &d) != 0 && (d & (1u << 8)) != 0;
#else
  return false;
#endif
}

constexpr std::uint64_t measuring_time = 1'000'000;  // nanoseconds

}  // namespace

std::uint64_t tick_clock::steady_nanoseconds() noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

tick_clock tick_clock::measured() noexcept {
  tick_clock made;
  if (!has_constant_counter()) return made;
  made.counts_cycles_ = true;
  struct instant {
    std::uint64_t ticks;
    std::uint64_t nanoseconds;
  };
  // Both clocks at the same time: of several tries the one that was interrupted least.
  const auto both = [&made] {
    instant best{};
    std::uint64_t least = ~std::uint64_t{0};
    for (int tries = 0; tries < 5; ++tries) {
      const std::uint64_t before = made.now();
      const std::uint64_t between = steady_nanoseconds();
      const std::uint64_t gap = made.now() - before;
      if (gap >= least) continue;
      least = gap;
      best = {before + gap / 2, between};
    }
    return best;
  };
  const instant begin = both();
  while (steady_nanoseconds() - begin.nanoseconds < measuring_time) continue;
  const instant end = both();
  made.per_second_ =
      static_cast<double>(end.ticks - begin.ticks) * 1e9 / static_cast<double>(end.nanoseconds - begin.nanoseconds);
  return made;
}

tick_clock tick_clock::machine() noexcept {
  static const tick_clock once = measured();
  return once;
}

}  // namespace hubbub::inline v0
