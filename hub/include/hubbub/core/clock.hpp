// Time as the library sees it: injected everywhere, so that tests decide what time it is.
#pragma once

#include <chrono>

namespace hubbub::inline v0 {

using time_point = std::chrono::steady_clock::time_point;

/// Where time comes from. `now` may be called from any thread.
class clock {
 public:
  virtual ~clock() = default;
  /// The present instant; never goes back.
  [[nodiscard]] virtual time_point now() const noexcept = 0;
  /// True when real time passes on this clock, so that a shard may wait for it.
  [[nodiscard]] virtual bool runs_by_itself() const noexcept = 0;
};

/// The machine's steady clock: one object for the process.
[[nodiscard]] const clock& machine_clock() noexcept;

/// A clock that stands still until it is told. For tests; one thread.
class manual_clock final : public clock {
 public:
  [[nodiscard]] time_point now() const noexcept override { return now_; }
  [[nodiscard]] bool runs_by_itself() const noexcept override { return false; }
  /// Lets `step` pass.
  void advance(std::chrono::milliseconds step) noexcept { now_ += step; }

 private:
  time_point now_{std::chrono::hours(1)};
};

}  // namespace hubbub::inline v0
