// Tasks spawned from outside: their results, and what a stop does to those that wait.
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "hubbub/core/sleep.hpp"
#include "hubbub/server.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

task<int> seven() { co_return 7; }

task<void> wait_long(std::promise<void>& begun) {
  begun.set_value();
  co_await sleep(1h);
}

class a_spawned_task : public testing::TestWithParam<unsigned> {};

TEST_P(a_spawned_task, gives_its_result_to_the_thread_that_spawned_it) {
  server app({.port = 0, .threads = GetParam()});
  app.use_logger(nullptr);
  app.start();

  EXPECT_EQ(app.spawn(0, seven()).get(), 7);

  app.stop();
  app.wait();
}

TEST_P(a_spawned_task, is_cancelled_when_the_server_has_waited_long_enough) {
  server app({.port = 0, .threads = GetParam(), .drain_timeout = 50ms});
  app.use_logger(nullptr);
  app.start();
  std::promise<void> begun;
  std::future<void> ended = app.spawn(1, wait_long(begun));
  begun.get_future().get();

  app.stop();
  app.wait();

  ASSERT_EQ(ended.wait_for(0s), std::future_status::ready);
  EXPECT_THROW(ended.get(), operation_cancelled);
}

INSTANTIATE_TEST_SUITE_P(shards, a_spawned_task, testing::Values(1u, 3u),
                         [](const testing::TestParamInfo<unsigned>& run) {
                           return std::to_string(run.param) + "_shards";
                         });

}  // namespace
}  // namespace hubbub_test
