// run_blocking: results and exceptions come back to the shard; what happens when the pool is full or absent.
#include "hubbub/core/blocking.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/shards.hpp"

namespace {

using hubbub::blocking_pool;
using hubbub::run_blocking;
using hubbub::task;
using hubbub_test::patience;
using hubbub_test::shard_thread;

template <class T>
T answer_of(std::future<T> answer) {
  if (answer.wait_for(patience) != std::future_status::ready) throw std::runtime_error("no answer");
  return answer.get();
}

TEST(run_blocking, runs_elsewhere_and_comes_home_with_the_result) {
  blocking_pool pool(1);
  shard_thread on(0, &pool);
  const auto work = [](hubbub::shard& home) -> task<std::string> {
    const std::thread::id mine = std::this_thread::get_id();
    const bool elsewhere = co_await run_blocking([mine] { return std::this_thread::get_id() != mine; });
    const auto owned = co_await run_blocking([] { return std::make_unique<std::string>("read"); });
    bool ran = false;
    co_await run_blocking([&ran] { ran = true; });
    co_return elsewhere&& ran&& home.is_current() && home.in_turn() ? *owned : "wrong";
  };

  EXPECT_EQ(answer_of(hubbub::spawn(on.home, work(on.home))), "read");
}

TEST(run_blocking, exceptions_reach_who_awaits) {
  blocking_pool pool(1);
  shard_thread on(0, &pool);
  const auto work = []() -> task<int> {
    co_return co_await run_blocking([]() -> int { throw std::runtime_error("disk gone"); });
  };

  EXPECT_THROW(answer_of(hubbub::spawn(on.home, work())), std::runtime_error);
}

TEST(run_blocking, a_function_that_owns_something_is_named_first) {
  blocking_pool pool(1);
  shard_thread on(0, &pool);
  const auto kept = std::make_shared<int>(5);
  const auto work = [](std::shared_ptr<int> given) -> task<int> {
    const auto look = [given = std::move(given)] { return *given; };
    co_return co_await run_blocking(look);
  };

  EXPECT_EQ(answer_of(hubbub::spawn(on.home, work(kept))), 5);

  on.stop();
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(run_blocking, many_at_once_all_come_back) {
  blocking_pool pool(3);
  shard_thread on(0, &pool);
  const auto work = [](int value) -> task<int> { co_return co_await run_blocking([value] { return value * 2; }); };
  std::vector<std::future<int>> answers;

  for (int i = 0; i < 500; ++i) answers.push_back(hubbub::spawn(on.home, work(i)));

  for (int i = 0; i < 500; ++i) ASSERT_EQ(answer_of(std::move(answers[static_cast<std::size_t>(i)])), i * 2);
}

TEST(run_blocking, a_full_pool_is_an_exception_at_once) {
  blocking_pool pool(1, 1);
  shard_thread on(0, &pool);
  std::promise<void> begun;
  std::promise<void> gate;
  std::shared_future<void> open = gate.get_future().share();
  const auto hold = [](std::promise<void>& told, std::shared_future<void> until) -> task<void> {
    co_await run_blocking([&] {
      told.set_value();
      until.wait();
    });
  };
  const auto wait = [](std::shared_future<void> until) -> task<void> { co_await run_blocking([&] { until.wait(); }); };
  std::future<void> running = hubbub::spawn(on.home, hold(begun, open));
  begun.get_future().wait();
  std::future<void> queued = hubbub::spawn(on.home, wait(open));

  std::future<void> refused = hubbub::spawn(on.home, wait(open));

  EXPECT_THROW(answer_of(std::move(refused)), hubbub::blocking_pool_full);
  gate.set_value();
  EXPECT_NO_THROW(answer_of(std::move(running)));
  EXPECT_NO_THROW(answer_of(std::move(queued)));
}

TEST(run_blocking, without_a_pool_it_throws) {
  shard_thread on;
  const auto work = []() -> task<void> { co_await run_blocking([] {}); };

  EXPECT_THROW(answer_of(hubbub::spawn(on.home, work())), hubbub::blocking_pool_full);
}

TEST(blocking_pool, stop_finishes_what_is_queued_and_takes_no_more) {
  blocking_pool pool(2);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.submit([&ran] { ++ran; }));

  pool.stop();

  EXPECT_EQ(ran, 100);
  EXPECT_FALSE(pool.submit([&ran] { ++ran; }));
  pool.stop();
  EXPECT_EQ(ran, 100);
}

TEST(blocking_pool, its_end_waits_for_what_runs_and_drops_what_waits) {
  std::promise<void> begun;
  std::promise<void> gate;
  std::atomic<int> ran = 0;
  std::thread opens;
  {
    blocking_pool pool(1);
    ASSERT_TRUE(pool.submit([&] {
      begun.set_value();
      gate.get_future().wait();
      ++ran;
    }));
    begun.get_future().wait();
    opens = std::thread([&gate] { gate.set_value(); });
  }
  opens.join();
  EXPECT_EQ(ran, 1);
}

}  // namespace
