// The timers of a shard: a heap ordered by due time, without a clock of its own.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "hubbub/core/clock.hpp"

namespace hubbub::inline v0 {

/// One timer; lives in the object that waits and unlinks itself when destroyed. One shard.
class timer_entry {
 public:
  timer_entry() = default;
  timer_entry(const timer_entry&) = delete;
  timer_entry& operator=(const timer_entry&) = delete;

  /// Called when the time has come; the entry is out of the queue by then.
  virtual void on_due() = 0;
  /// True while it waits in a queue.
  [[nodiscard]] bool queued() const noexcept { return place_ != nowhere; }

 protected:
  ~timer_entry() = default;

 private:
  friend class timer_queue;
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  time_point due_{};
  std::size_t place_ = nowhere;
};

/// Entries ordered by due time. Owns none of them. One shard.
class timer_queue {
 public:
  /// Queues `entry`, which must not be queued and must be removed before it dies.
  void add(timer_entry& entry, time_point due);
  /// Takes `entry` out; nothing happens when it is not queued.
  void remove(timer_entry& entry) noexcept;
  /// When the next entry is due; nothing when there is none.
  [[nodiscard]] std::optional<time_point> next() const noexcept;
  /// Calls `on_due` of all entries due at `now`, earliest first; entries added meanwhile wait for the next call
  /// unless they are due too. Returns how many.
  std::size_t run_due(time_point now);

 private:
  void sift_up(std::size_t place) noexcept;
  void sift_down(std::size_t place) noexcept;
  void set(std::size_t place, timer_entry* entry) noexcept;

  std::vector<timer_entry*> heap_;
};

}  // namespace hubbub::inline v0
