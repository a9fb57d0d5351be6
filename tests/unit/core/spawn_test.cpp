// Starting tasks from foreign threads: results, exceptions, and shards that stop first.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "hubbub/core/sleep.hpp"
#include "hubbub/core/task.hpp"
#include "support/shards.hpp"

namespace {

using hubbub::task;
using hubbub_test::patience;
using hubbub_test::shard_thread;

TEST(spawn, gives_values_exceptions_and_nothing) {
  shard_thread on;
  const auto value = [](int what) -> task<std::string> { co_return std::to_string(what); };
  const auto nothing = []() -> task<void> { co_await hubbub::sleep(std::chrono::milliseconds(1)); };
  const auto fails = []() -> task<int> {
    throw std::runtime_error("no");
    co_return 1;
  };

  EXPECT_EQ(hubbub::spawn(on.home, value(7)).get(), "7");
  EXPECT_NO_THROW(hubbub::spawn(on.home, nothing()).get());
  EXPECT_THROW(hubbub::spawn(on.home, fails()).get(), std::runtime_error);
}

TEST(spawn, from_many_threads_at_once) {
  shard_thread on;
  std::vector<std::thread> threads;
  const auto work = [](int* total) -> task<int> {
    co_await hubbub::sleep(std::chrono::milliseconds(0));
    co_return ++*total;  // on the shard: needs no lock
  };
  int total = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) std::ignore = hubbub::spawn(on.home, work(&total)).get();
    });
  }
  for (std::thread& one : threads) one.join();

  EXPECT_EQ(on.run([&total] { return total; }), 400);
}

TEST(spawn, the_future_breaks_when_the_shard_never_runs_the_task) {
  std::future<int> answer;
  const auto kept = std::make_shared<int>(1);
  {
    hubbub::shard never_run({});
    const auto work = [](std::shared_ptr<int> what) -> task<int> { co_return *what; };
    answer = hubbub::spawn(never_run, work(kept));
  }

  EXPECT_THROW(answer.get(), std::future_error);
  EXPECT_EQ(kept.use_count(), 1);
}

}  // namespace
