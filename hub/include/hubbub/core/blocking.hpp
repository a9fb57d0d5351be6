// A pool of threads for work that blocks, and the way there and back.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "hubbub/core/task.hpp"

namespace hubbub::inline v0 {

/// Thrown by `run_blocking` when the pool's queue is full or the server has none.
class blocking_pool_full final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Threads that run jobs which may block. Threads are started when they are first needed. Any thread.
class blocking_pool {
 public:
  /// At most `threads` threads and `queue` waiting jobs. Without a thread jobs wait until `run_one` is called.
  explicit blocking_pool(unsigned threads = 4, std::size_t queue = 10'000) noexcept
      : most_threads_(threads), most_queued_(queue) {}
  blocking_pool(const blocking_pool&) = delete;
  blocking_pool& operator=(const blocking_pool&) = delete;
  /// Finishes the jobs that run and drops those that wait.
  ~blocking_pool();

  /// Queues `work`, which must not throw. False when the queue is full or the pool stops. Any thread.
  bool submit(job work);
  /// Runs the job that has waited longest, on the calling thread; false when none waits. For those who drive everything
  /// by hand (hubbub/testing.hpp). Any thread.
  bool run_one();
  /// Takes no more jobs; those queued are still run. Returns when all are done.
  void stop();

 private:
  void work();

  std::mutex mutex_;  // short: queue operations only, never held while a job runs
  std::condition_variable wake_;
  std::deque<job> queue_;
  std::vector<std::thread> threads_;
  unsigned most_threads_;
  unsigned idle_ = 0;
  std::size_t most_queued_;
  bool stopping_ = false;
};

/// The wait that `run_blocking` returns.
template <class Work>
class blocking_call {
 public:
  using resumes_at_home = void;
  using result = std::invoke_result_t<Work&>;
  explicit blocking_call(Work work) : work_(std::move(work)) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    const task_context* context = &waiting.promise().context();
    blocking_pool* pool = context->home->pool();
    std::coroutine_handle<> handle = waiting;
    const bool queued = pool != nullptr && pool->submit([this, context, handle] {
      try {
        if constexpr (std::is_void_v<result>) {
          work_();
        } else {
          outcome_.set_value(work_());
        }
      } catch (...) {
        outcome_.set_error(std::current_exception());
      }
      come_home(*context, handle);
    });
    if (queued) return;
    outcome_.set_error(std::make_exception_ptr(
        blocking_pool_full("the blocking pool's queue is full (server option blocking_queue)")));
    come_home(*context, handle);
  }
  result await_resume() { return outcome_.take(); }

 private:
  Work work_;
  detail::outcome<result> outcome_;
};

/// `co_await run_blocking([&] { return file.read(); })`: runs the function on a pool thread and comes back to the shard
/// with its result or exception. The wait is not cut short by cancellation, since the function may use what the caller
/// owns. Throws `blocking_pool_full` when too much waits already. References captured must be safe on another thread.
template <class Work>
[[nodiscard]] blocking_call<std::decay_t<Work>> run_blocking(Work&& work) {
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
  static_assert(
      std::is_lvalue_reference_v<Work> || std::is_trivially_destructible_v<std::decay_t<Work>>,
      "hubbub: g++ 12 destroys the captures of a lambda inside of a co_await expression twice; capture by "
      "reference, or give the function a name first: auto read = [file] { ... }; co_await run_blocking(read)");
#endif
  return blocking_call<std::decay_t<Work>>(std::forward<Work>(work));
}

}  // namespace hubbub::inline v0
