// Sleeping on an injected clock, and how cancellation ends a sleep.
#include "hubbub/core/sleep.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "support/shards.hpp"

namespace {

using hubbub::cancellation;
using hubbub::cancellation_state;
using hubbub::operation_cancelled;
using hubbub::task;
using hubbub_test::hand_shard;
using hubbub_test::start;
using namespace std::chrono_literals;

task<int> nap(std::chrono::milliseconds duration) {
  co_await hubbub::sleep(duration);
  co_return 1;
}

TEST(sleep, ends_at_its_time_to_the_millisecond) {
  hand_shard on;
  const auto run = start(on, nap(250ms));

  on.time.advance(249ms);
  on.settle();
  EXPECT_FALSE(run->done);
  on.time.advance(1ms);
  on.settle();
  EXPECT_TRUE(run->done);
  EXPECT_EQ(run->ended_on, &on.home);
}

TEST(sleep, many_sleepers_wake_in_order) {
  hand_shard on;
  std::vector<int> order;
  const auto sleeper = [](std::vector<int>& into, int which) -> task<void> {
    co_await hubbub::sleep(std::chrono::milliseconds(which));
    into.push_back(which);
  };
  std::vector<std::shared_ptr<hubbub_test::started<void>>> runs;
  for (const int which : {30, 10, 20}) runs.push_back(start(on, sleeper(order, which)));

  on.advance(100ms);

  EXPECT_EQ(order, (std::vector<int>{10, 20, 30}));
}

TEST(sleep, zero_lets_others_run_first) {
  hand_shard on;
  std::vector<int> order;
  const auto polite = [](std::vector<int>& into) -> task<void> {
    co_await hubbub::sleep(0ms);
    into.push_back(2);
    co_await hubbub::sleep(-5ms);
    into.push_back(3);
  };
  const auto run = std::make_shared<hubbub_test::started<void>>();
  run->context = {&on.home, nullptr, "polite"};

  on.home.post([&] { hubbub_test::detail::run<void>(run->context, run, polite(order)); });
  on.home.post([&] { order.push_back(1); });
  on.settle();

  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(sleep, a_very_long_sleep_does_not_wrap_around) {
  hand_shard on;
  cancellation state(new cancellation_state);
  const auto run = start(on, nap(std::chrono::milliseconds::max()), state.state());
  const auto past = start(on, nap(std::chrono::milliseconds::min()));

  on.advance(1s);
  EXPECT_FALSE(run->done);
  EXPECT_TRUE(past->done);
  on.turn([&] { state.state()->cancel(); });
  EXPECT_THROW(run->take(), operation_cancelled);
}

TEST(sleep, cancellation_ends_it_with_operation_cancelled) {
  hand_shard on;
  cancellation state(new cancellation_state);
  const auto run = start(on, nap(1h), state.state());
  EXPECT_FALSE(run->done);

  on.turn([&] { state.state()->cancel(); });

  EXPECT_THROW(run->take(), operation_cancelled);
  EXPECT_FALSE(on.home.timers().next().has_value());
}

TEST(sleep, does_not_begin_once_cancelled) {
  hand_shard on;
  cancellation state(new cancellation_state);
  state.state()->cancel();

  EXPECT_THROW(start(on, nap(1h), state.state())->take(), operation_cancelled);
}

TEST(sleep, due_and_cancelled_in_one_turn_resumes_once) {
  hand_shard on;
  cancellation state(new cancellation_state);
  const auto run = start(on, nap(10ms), state.state());

  on.time.advance(10ms);
  on.turn([&] { state.state()->cancel(); });  // mail comes before timers

  EXPECT_THROW(run->take(), operation_cancelled);

  cancellation other(new cancellation_state);
  const auto second = start(on, nap(10ms), other.state());
  on.time.advance(10ms);
  on.home.turn([&] {
    on.home.timers().run_due(on.home.now());
    other.state()->cancel();
  });
  on.settle();
  EXPECT_EQ(second->take(), 1);
}

TEST(sleep, a_task_that_dies_asleep_leaves_no_timer_behind) {
  hand_shard on;
  {
    hubbub::task_context context{&on.home, nullptr, "short life"};
    hubbub::sleeping wait(5ms);
    struct fake_promise {
      hubbub::task_context* where = nullptr;
      [[nodiscard]] hubbub::task_context& context() const noexcept { return *where; }
    } promise{&context};
    wait.await_suspend(std::coroutine_handle<fake_promise>::from_promise(promise));
    EXPECT_TRUE(on.home.timers().next().has_value());
  }
  EXPECT_FALSE(on.home.timers().next().has_value());
}

TEST(cancellation, a_handle_without_state_is_never_requested) {
  const cancellation never;

  EXPECT_FALSE(never.requested());
  EXPECT_NO_THROW(never.throw_if_requested());
  EXPECT_EQ(never.state(), nullptr);
}

TEST(cancellation, copies_share_the_state_and_keep_it_alive) {
  cancellation copy;
  {
    cancellation first(new cancellation_state);
    copy = first;
    const cancellation moved = std::move(first);
    moved.state()->cancel();
  }
  EXPECT_TRUE(copy.requested());
  EXPECT_THROW(copy.throw_if_requested(), operation_cancelled);
}

struct listener final : hubbub::cancellation_listener {
  void on_cancelled() override { ++told; }
  int told = 0;
};

TEST(cancellation, tells_each_listener_once_and_none_that_left) {
  cancellation state(new cancellation_state);
  listener stays;
  listener leaves;
  {
    listener dies;
    state.state()->add(dies);
    state.state()->add(stays);
    state.state()->add(leaves);
    leaves.unlink();
    leaves.unlink();
  }

  state.state()->cancel();
  state.state()->cancel();

  EXPECT_EQ(stays.told, 1);
  EXPECT_EQ(leaves.told, 0);
}

}  // namespace
