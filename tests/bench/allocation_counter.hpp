// Allocations as a figure beside the time; what counts as one is for each program to say.
#pragma once

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdint>

/// Allocations of the program so far: raised by its own hooks.
inline std::atomic<std::int64_t> allocations = 0;

/// Reports allocations per round beside the time.
class allocation_counter {
 public:
  explicit allocation_counter(benchmark::State& state) : state_(state), before_(allocations) {}
  allocation_counter(const allocation_counter&) = delete;
  allocation_counter& operator=(const allocation_counter&) = delete;
  ~allocation_counter() {
    state_.counters["allocations"] =
        benchmark::Counter(static_cast<double>(allocations - before_), benchmark::Counter::kAvgIterations);
  }

 private:
  benchmark::State& state_;
  std::int64_t before_;
};
