// Waiting for time to pass, on the shard's clock.
#pragma once

#include <chrono>
#include <coroutine>

#include "hubbub/core/task.hpp"

namespace hubbub::inline v0 {

/// The wait that `sleep` returns. One shard.
class sleeping final : private timer_entry, private cancellation_listener {
 public:
  using resumes_at_home = void;
  explicit sleeping(std::chrono::milliseconds duration) noexcept : duration_(duration) {}
  ~sleeping();

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    return start(waiting, waiting.promise().context());
  }
  void await_resume() const {
    if (cancelled_) throw operation_cancelled();
  }

 private:
  bool start(std::coroutine_handle<> waiting, const task_context& context);
  void on_due() override;
  void on_cancelled() override;

  std::chrono::milliseconds duration_;
  const task_context* context_ = nullptr;
  shard* home_ = nullptr;
  std::coroutine_handle<> waiting_;
  bool cancelled_ = false;
};

/// `co_await sleep(250ms)`: comes back after that time, exact to the millisecond, without holding a thread. Zero or
/// less lets other work of the shard run first. Ends with `operation_cancelled` when the invocation is cancelled or its
/// connection ends.
[[nodiscard]] inline sleeping sleep(std::chrono::milliseconds duration) { return sleeping(duration); }

}  // namespace hubbub::inline v0
