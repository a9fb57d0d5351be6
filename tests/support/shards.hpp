// Shards for tests: one that is driven by hand on a clock that stands still, one with a thread; and starting tasks.
#pragma once

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>

#include "hubbub/core/blocking.hpp"
#include "hubbub/core/shard.hpp"
#include "hubbub/core/task.hpp"
#include "support/recording_logger.hpp"

namespace hubbub_test {

/// Longer than anything takes: a test that waits this long has failed.
inline constexpr std::chrono::seconds patience{60};

/// A shard without a thread, on a manual clock. One thread: the test's.
class hand_shard {
 public:
  explicit hand_shard(hubbub::blocking_pool* pool = nullptr, std::size_t mailbox_limit = 1 << 20)
      : log(std::make_shared<recording_logger>()),
        home({.index = 0, .time = &time, .log = log, .pool = pool, .mailbox_limit = mailbox_limit}) {}

  /// Handles what is ready until nothing is.
  void settle() {
    while (home.poll()) {
    }
  }
  /// Lets time pass, in the steps in which a shard sweeps.
  void advance(std::chrono::milliseconds time_to_pass) {
    using std::chrono::milliseconds;
    while (time_to_pass.count() > 0) {
      const milliseconds step = std::min(time_to_pass, milliseconds(100));
      time.advance(step);
      settle();
      time_to_pass -= step;
    }
  }
  /// Runs `work` inside a turn and settles.
  template <class Work>
  void turn(Work&& work) {
    home.post([&work] { work(); });
    settle();
  }

  hubbub::manual_clock time;
  std::shared_ptr<recording_logger> log;
  hubbub::shard home;
};

/// A shard with a thread of its own and the machine's clock.
class shard_thread {
 public:
  explicit shard_thread(unsigned index = 0, hubbub::blocking_pool* pool = nullptr,
                        std::chrono::milliseconds slow_call = std::chrono::milliseconds(0))
      : log(std::make_shared<recording_logger>()),
        home({.index = index, .time = nullptr, .log = log, .pool = pool, .slow_call = slow_call}),
        pool_(pool),
        thread_([this] { home.run(); }) {}
  ~shard_thread() {
    stop();
    if (pool_ != nullptr) pool_->stop();  // its threads may still be on their way out of the shard's post
  }
  shard_thread(const shard_thread&) = delete;
  shard_thread& operator=(const shard_thread&) = delete;

  /// Runs `work` on the shard and waits for its result.
  template <class Work>
  auto run(Work&& work) {
    std::packaged_task<std::invoke_result_t<Work&>()> wanted(std::forward<Work>(work));
    auto answer = wanted.get_future();
    home.post([&wanted] { wanted(); });
    if (answer.wait_for(patience) != std::future_status::ready) throw std::runtime_error("the shard does not answer");
    return answer.get();
  }
  /// Ends the thread. A second call does nothing.
  void stop() {
    home.stop();
    if (thread_.joinable()) thread_.join();
  }

  std::shared_ptr<recording_logger> log;
  hubbub::shard home;

 private:
  hubbub::blocking_pool* pool_;
  std::thread thread_;
};

/// A task that was started, and what became of it.
template <class T>
struct started {
  hubbub::task_context context;
  bool done = false;
  std::exception_ptr error;
  std::conditional_t<std::is_void_v<T>, std::monostate, std::optional<T>> value;
  hubbub::shard* ended_on = nullptr;

  /// The result, or the exception. Fails when it still runs.
  decltype(auto) take() {
    if (!done) throw std::logic_error("the task still runs");
    if (error != nullptr) std::rethrow_exception(error);
    if constexpr (!std::is_void_v<T>) return std::move(*value);
  }
};

namespace detail {
template <class T>
hubbub::driver run(hubbub::task_context&, std::shared_ptr<started<T>> run, hubbub::task<T> work) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(work);
    } else {
      run->value.emplace(co_await std::move(work));
    }
  } catch (...) {
    run->error = std::current_exception();
  }
  run->ended_on = hubbub::shard::current();
  run->done = true;
}
}  // namespace detail

/// Starts a task in a turn of a hand-driven shard and lets it go as far as it goes.
template <class T>
std::shared_ptr<started<T>> start(hand_shard& on, hubbub::task<T> work, hubbub::cancellation_state* cancel = nullptr) {
  auto run = std::make_shared<started<T>>();
  run->context = {&on.home, cancel, "test task"};
  on.turn([&] { detail::run<T>(run->context, run, std::move(work)); });
  return run;
}

}  // namespace hubbub_test
