// A shard: one thread, one event loop, and everything that lives on it.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "hubbub/core/cancellation.hpp"
#include "hubbub/core/clock.hpp"
#include "hubbub/core/job.hpp"
#include "hubbub/core/logger.hpp"
#include "hubbub/core/tick_clock.hpp"
#include "hubbub/core/timer_queue.hpp"
#include "hubbub/core/turn_buffer.hpp"

namespace hubbub::inline v0 {

class blocking_pool;

/// Wants to act when a turn ends: the poller sends there what was queued during the turn.
class turn_listener {
 public:
  /// Called on the shard after the events of a turn and the work they made ready. May cause more work.
  virtual void on_turn_end() = 0;

 protected:
  ~turn_listener() = default;
};

/// Wants to look at its connections regularly: keep-alive and timeouts, without a timer per connection.
class sweeper {
 public:
  /// Called on the shard ten times a second with `part` 0 to 9 in turn, so that a whole round takes one second.
  virtual void sweep(unsigned part, unsigned parts, time_point now) = 0;

 protected:
  ~sweeper() = default;
};

/// How a shard is made.
struct shard_settings {
  unsigned index = 0;
  const clock* time = nullptr;                   ///< null: the machine's clock
  std::shared_ptr<logger> log;                   ///< null: nothing is logged
  blocking_pool* pool = nullptr;                 ///< for run_blocking; null: run_blocking throws
  std::size_t mailbox_limit = 64 * 1024 * 1024;  ///< bytes that may wait for the shard (decision 15)
  std::chrono::milliseconds slow_call{100};      ///< a call that holds the shard longer is named in the log; 0: never
};

/// What waits for a shard. A value.
struct mailbox_depth {
  std::uint64_t jobs = 0;   ///< posted, and not begun
  std::uint64_t bytes = 0;  ///< their weights
  std::uint64_t lost = 0;   ///< jobs that found the mailbox full, since the beginning
};

/// One event loop with one thread inside it. `post`, `stop`, `mailbox` and `index` may be called from any thread,
/// everything else on the shard's own thread.
class shard {
 public:
  explicit shard(shard_settings settings);
  shard(const shard&) = delete;
  shard& operator=(const shard&) = delete;
  ~shard();

  /// The shard whose thread this is; null on foreign threads.
  [[nodiscard]] static shard* current() noexcept;
  /// Number of the shard in its server, from 0. Any thread.
  [[nodiscard]] unsigned index() const noexcept { return settings_.index; }
  /// True on the shard's own thread. Any thread.
  [[nodiscard]] bool is_current() const noexcept { return current() == this; }

  /// Runs the loop on this thread until `stop`. Work posted before is done.
  void run();
  /// Makes `run` return soon. Any thread.
  void stop() noexcept;
  /// Handles everything that is ready, without waiting; for tests that drive a shard by hand. True when something was.
  bool poll();
  /// True once after `stop`.
  [[nodiscard]] bool stopped() const noexcept;

  /// Runs `work` on the shard in a later turn; jobs of one sender keep their order. `weight` is what it holds in bytes.
  /// False when the mailbox is full: nothing was queued. Any thread. Exceptions of `work` are logged.
  bool post(job work, std::size_t weight = 0);
  /// How much is waiting. Any thread, without a lock.
  [[nodiscard]] mailbox_depth mailbox() const noexcept;
  /// Runs `work` before this turn ends.
  void defer(job work);
  /// Resumes a coroutine before this turn ends, or in a new turn when none runs. `name` is for the log.
  void resume_later(std::coroutine_handle<> waiting, std::string_view name);
  /// Resumes a coroutine now, and names it in the log when it holds the shard for long. Inside a turn.
  void resume(std::coroutine_handle<> waiting, std::string_view name);
  /// Runs a coroutine and those it goes on with, one after the other on this stack frame: a task that awaits or ends
  /// names its successor with `go_on_with` instead of calling it, so that neither deep nor long chains need stack,
  /// whatever the compiler makes of tail calls (none with -O0 or sanitizers).
  void run_chain(std::coroutine_handle<> first) {
    for (std::coroutine_handle<> next = first; next; next = std::exchange(successor_, nullptr)) next.resume();
  }
  /// The coroutine that `run_chain` resumes when the present one has suspended. Called while it suspends.
  void go_on_with(std::coroutine_handle<> next) noexcept { successor_ = next; }
  /// Calls `work` and names it in the log when it holds the shard for longer than `slow_call`. Returns the ticks that
  /// it took.
  template <class Work>
  std::uint64_t watched(std::string_view name, Work&& work) {
    const std::uint64_t before = ticks_.now();
    work();
    const std::uint64_t passed = ticks_.since(before);
    if (passed > slow_ticks_) report_slow(name, passed);
    return passed;
  }

  /// Runs `events` as a turn: what they make ready runs next, then the listeners are told.
  template <class Events>
  void turn(Events&& events) {
    enter_turn();
    try {
      events();
    } catch (...) {
      report_escaped();
    }
    leave_turn();
  }
  /// Takes in what arrived in the mailbox and the timers that are due, as a turn. False when there was nothing.
  bool run_ready();
  /// True inside a turn.
  [[nodiscard]] bool in_turn() const noexcept { return depth_ != 0; }
  /// Makes sure that a turn ends soon, for those who queued something outside of one.
  void want_turn();

  /// Time at the beginning of this turn.
  [[nodiscard]] time_point now() const noexcept { return now_; }
  /// The clock itself.
  [[nodiscard]] const clock& time() const noexcept { return *settings_.time; }
  /// Timers, exact to the millisecond.
  [[nodiscard]] timer_queue& timers() noexcept { return timers_; }
  /// Room for small messages.
  [[nodiscard]] turn_buffer& buffer() noexcept { return buffer_; }
  /// The log; never null.
  [[nodiscard]] logger& log() noexcept { return *settings_.log; }
  /// The pool for blocking work; may be null.
  [[nodiscard]] blocking_pool* pool() noexcept { return settings_.pool; }
  /// How long a call may hold the shard before it is named in the log; 0 = never.
  [[nodiscard]] std::chrono::milliseconds slow_call() const noexcept { return settings_.slow_call; }

  /// Adds a listener for turn ends; it must stay alive until `remove` or the shard's end.
  void add(turn_listener& listener);
  void remove(turn_listener& listener) noexcept;
  /// Adds a sweeper; it must stay alive until `remove` or the shard's end.
  void add(sweeper& looks_after);
  void remove(sweeper& looks_after) noexcept;

  /// Tasks started by `spawn` register here, so that a stop can wait for them and cancel them.
  void add_spawned(cancellation_state& of) { spawned_.insert(&of); }
  void remove_spawned(cancellation_state& of) noexcept { spawned_.erase(&of); }
  [[nodiscard]] std::size_t spawned() const noexcept { return spawned_.size(); }
  /// Cancels the waits of all of them.
  void cancel_spawned();

  /// What the adapter header needs to reach the event loop.
  struct native;
  [[nodiscard]] native& loop() noexcept { return *native_; }

 private:
  void enter_turn() {
    if (depth_++ == 0) now_ = settings_.time->now();
  }
  void leave_turn();
  void run_deferred();
  void run_sweeps();
  void arm_timer();
  bool take_mail();
  void report_escaped() noexcept;
  void report_slow(std::string_view name, std::uint64_t ticks);

  shard_settings settings_;
  std::unique_ptr<native> native_;
  tick_clock ticks_;
  std::uint64_t slow_ticks_;
  std::coroutine_handle<> successor_;
  unsigned depth_ = 0;
  unsigned sweep_part_ = 0;
  time_point now_{};
  time_point next_sweep_{};
  timer_queue timers_;
  turn_buffer buffer_;
  std::vector<job> deferred_;
  std::vector<std::pair<std::coroutine_handle<>, std::string_view>> resumable_;
  std::unordered_set<cancellation_state*> spawned_;
  std::vector<turn_listener*> listeners_;
  std::vector<sweeper*> sweepers_;
};

}  // namespace hubbub::inline v0
