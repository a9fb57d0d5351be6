// Tasks: values, exceptions, moves, depth without stack, and coming home from foreign awaitables.
#include "hubbub/core/task.hpp"

#include <gtest/gtest.h>

#include <coroutine>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/shards.hpp"

namespace {

using hubbub::shard;
using hubbub::task;
using hubbub_test::hand_shard;
using hubbub_test::shard_thread;
using hubbub_test::start;

task<int> number(int value) { co_return value; }
task<std::unique_ptr<int>> owned(int value) { co_return std::make_unique<int>(value); }
task<void> failing() {
  throw std::runtime_error("as told");
  co_return;
}

TEST(task, gives_its_value) {
  hand_shard on;

  EXPECT_EQ(start(on, number(5))->take(), 5);
  EXPECT_EQ(*start(on, owned(6))->take(), 6);
}

task<int> sum_of(int left, int right) {
  const int first = co_await number(left);
  const int second = co_await number(right);
  co_return first + second;
}

TEST(task, awaits_tasks) {
  hand_shard on;

  EXPECT_EQ(start(on, sum_of(2, 3))->take(), 5);
}

TEST(task, gives_references) {
  hand_shard on;
  std::string text = "there";
  const auto look = [](std::string& where) -> task<std::string&> { co_return where; };
  const auto use = [](task<std::string&> from) -> task<bool> {
    std::string& seen = co_await std::move(from);
    seen += " it is";
    co_return true;
  };

  EXPECT_TRUE(start(on, use(look(text)))->take());

  EXPECT_EQ(text, "there it is");
}

TEST(task, passes_exceptions_to_who_awaits) {
  hand_shard on;
  const auto catches = []() -> task<std::string> {
    try {
      co_await failing();
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing";
  };

  EXPECT_EQ(start(on, catches())->take(), "as told");
  EXPECT_THROW(start(on, failing())->take(), std::runtime_error);
}

TEST(task, does_nothing_until_it_is_awaited_and_its_arguments_die_with_it) {
  const auto kept = std::make_shared<int>(1);
  bool ran = false;
  const auto make = [](std::shared_ptr<int>, bool& flag) -> task<void> {
    flag = true;
    co_return;
  };
  {
    task<void> unused = make(kept, ran);
    EXPECT_EQ(kept.use_count(), 2);
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(task, moves_as_a_handle) {
  hand_shard on;
  task<int> none;
  EXPECT_FALSE(none);
  task<int> first = number(1);
  task<int> second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that is the promise
  second = number(2);
  none = std::move(second);
  task<int>& same = none;
  none = std::move(same);
  EXPECT_TRUE(none);

  EXPECT_EQ(start(on, std::move(none))->take(), 2);
}

TEST(task, locals_die_before_the_waiting_task_goes_on) {
  hand_shard on;
  const auto kept = std::make_shared<int>(0);
  const auto inner = [](std::shared_ptr<int> mine) -> task<void> {
    std::shared_ptr<int> copy = mine;
    co_return;
  };
  const auto outer = [](auto make, std::shared_ptr<int> mine) -> task<long> {
    co_await make(mine);
    co_return mine.use_count();
  };

  EXPECT_EQ(start(on, outer(inner, kept))->take(), 2);  // the test's and outer's own
}

task<int> depth_of(int levels) {
  if (levels == 0) co_return 0;
  const int below = co_await depth_of(levels - 1);
  co_return below + 1;
}

TEST(task, a_hundred_thousand_nested_tasks_need_no_stack) {
  hand_shard on;

  EXPECT_EQ(start(on, depth_of(100'000))->take(), 100'000);
}

TEST(task, a_hundred_thousand_finished_tasks_in_a_row_need_no_stack) {
  hand_shard on;
  const auto in_a_row = [](int times) -> task<long> {
    long sum = 0;
    for (int i = 0; i < times; ++i) sum += co_await number(1);
    co_return sum;
  };

  EXPECT_EQ(start(on, in_a_row(100'000))->take(), 100'000);
}

// Threads that are joined when the test ends.
struct joined_threads {
  ~joined_threads() {
    for (std::thread& one : all) one.join();
  }
  std::vector<std::thread> all;
};

// An awaitable that knows nothing of shards and ends on a thread of its own.
struct on_another_thread {
  explicit on_another_thread(joined_threads& where, std::string text) : threads(where), kept(std::move(text)) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    threads.all.emplace_back([waiting] { waiting.resume(); });
  }
  std::string await_resume() {
    if (kept == "throw") throw std::runtime_error("from afar");
    return kept;
  }
  joined_threads& threads;
  std::string kept;
};

struct through_operator {
  joined_threads& threads;
  on_another_thread operator co_await() const { return on_another_thread(threads, "by operator"); }
};

TEST(task, comes_home_from_another_thread) {
  joined_threads threads;
  shard_thread on;
  const auto travel = [](shard& home, joined_threads& where) -> task<bool> {
    const std::string text = co_await on_another_thread(where, "hello from a thread of its own");
    const bool at_home = home.is_current() && home.in_turn();
    const through_operator other{where};
    const std::string more = co_await other;
    co_return at_home&& home.is_current() && text == "hello from a thread of its own" && more == "by operator";
  };

  std::future<bool> answer = hubbub::spawn(on.home, travel(on.home, threads));

  ASSERT_EQ(answer.wait_for(hubbub_test::patience), std::future_status::ready);
  EXPECT_TRUE(answer.get());
}

TEST(task, exceptions_of_foreign_awaitables_come_home_too) {
  joined_threads threads;
  shard_thread on;
  const auto travel = [](shard& home, joined_threads& where) -> task<bool> {
    bool caught = false;
    try {
      co_await on_another_thread(where, "throw");
    } catch (const std::runtime_error&) {
      caught = home.is_current();
    }
    co_return caught;
  };

  std::future<bool> answer = hubbub::spawn(on.home, travel(on.home, threads));

  ASSERT_EQ(answer.wait_for(hubbub_test::patience), std::future_status::ready);
  EXPECT_TRUE(answer.get());
}

TEST(task, foreign_awaitables_that_are_ready_are_fine) {
  hand_shard on;
  const auto look = []() -> task<int> {
    std::suspend_never nothing;
    co_await nothing;
    co_await std::suspend_never();
    co_return 3;
  };

  EXPECT_EQ(start(on, look())->take(), 3);
}

}  // namespace
