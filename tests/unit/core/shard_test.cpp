// The shard: mailbox, turns, deferred work, timers and sweeps, and the warning for calls that hold it too long.
#include "hubbub/core/shard.hpp"

#include <gtest/gtest.h>
#include <time.h>

#include <atomic>
#include <future>
#include <new>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <vector>

#include "hubbub/core/sleep.hpp"
#include "support/shards.hpp"

namespace {

using hubbub::shard;
using hubbub::task;
using hubbub_test::hand_shard;
using hubbub_test::patience;
using hubbub_test::shard_thread;
using namespace std::chrono_literals;

TEST(shard, knows_whose_thread_it_is) {
  shard_thread on(3);

  EXPECT_EQ(shard::current(), nullptr);
  EXPECT_FALSE(on.home.is_current());
  EXPECT_TRUE(on.run([&] { return on.home.is_current() && shard::current() == &on.home; }));
  EXPECT_EQ(on.home.index(), 3u);
}

TEST(shard, mail_of_one_sender_keeps_its_order) {
  shard_thread on;
  std::vector<std::pair<int, int>> seen;
  std::vector<std::thread> senders;
  for (int who = 0; who < 3; ++who) {
    senders.emplace_back([&on, &seen, who] {
      for (int i = 0; i < 2000; ++i) on.home.post([&seen, who, i] { seen.emplace_back(who, i); });
    });
  }
  for (std::thread& one : senders) one.join();

  const std::size_t count = on.run([&seen] { return seen.size(); });

  ASSERT_EQ(count, 6000u);
  std::vector<int> next(3);
  for (const auto& [who, i] : seen) ASSERT_EQ(i, next[static_cast<std::size_t>(who)]++);
}

TEST(shard, mail_that_mail_posts_is_delivered) {
  shard_thread on;
  std::promise<int> done;
  int hops = 0;
  std::function<void()> hop = [&] {
    if (++hops == 1000) return done.set_value(hops);
    on.home.post([&hop] { hop(); });
  };

  on.home.post([&hop] { hop(); });

  auto answer = done.get_future();
  ASSERT_EQ(answer.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(answer.get(), 1000);
}

TEST(shard, two_shards_that_answer_each_other_lose_nothing) {
  shard_thread left(0);
  shard_thread right(1);
  std::promise<void> done;
  int rounds = 0;
  std::function<void()> ping = [&] {
    right.home.post([&] {
      left.home.post([&] {
        if (++rounds == 5000) return done.set_value();
        ping();
      });
    });
  };

  left.home.post([&ping] { ping(); });

  EXPECT_EQ(done.get_future().wait_for(patience), std::future_status::ready);
}

TEST(shard, a_full_mailbox_refuses_what_has_weight) {
  hand_shard on(nullptr, 100);
  int ran = 0;
  EXPECT_TRUE(on.home.post([&ran] { ++ran; }, 60));
  EXPECT_TRUE(on.home.post([&ran] { ++ran; }, 40));

  EXPECT_FALSE(on.home.post([&ran] { ++ran; }, 1));
  EXPECT_TRUE(on.home.post([&ran] { ++ran; }));  // what weighs nothing always goes in
  on.settle();

  EXPECT_EQ(ran, 3);
  EXPECT_TRUE(on.home.post([&ran] { ++ran; }, 100));
  on.settle();
  EXPECT_EQ(ran, 4);
}

TEST(shard, an_exception_of_posted_work_is_logged_and_the_rest_runs) {
  hand_shard on;
  bool ran = false;
  on.home.post([] { throw std::runtime_error("oh no"); });
  on.home.post([] { throw 42; });  // NOLINT(hicpp-exception-baseclass): applications do such things
  on.home.post([&ran] { ran = true; });

  on.settle();

  EXPECT_TRUE(ran);
  EXPECT_EQ(on.log->count("error shard: an exception escaped from work of the shard: oh no"), 1u);
  EXPECT_EQ(on.log->count("unknown type"), 1u);
}

TEST(shard, mail_that_is_never_read_dies_with_the_shard) {
  const auto kept = std::make_shared<int>(0);
  {
    hand_shard on;
    on.home.post([kept] {});
    on.home.turn([&] { on.home.post([kept] {}); });
    EXPECT_EQ(kept.use_count(), 3);
  }
  EXPECT_EQ(kept.use_count(), 1);
}

struct listener final : hubbub::turn_listener {
  void on_turn_end() override {
    if (action) action();
  }
  std::function<void()> action;
};

TEST(shard, a_turn_runs_its_events_then_deferred_work_then_listeners) {
  hand_shard on;
  std::vector<std::string> order;
  listener ends;
  ends.action = [&order] { order.emplace_back("turn end"); };
  on.home.add(ends);

  on.home.turn([&] {
    on.home.defer([&] {
      order.emplace_back("deferred");
      on.home.defer([&order] { order.emplace_back("deferred by deferred"); });
    });
    on.home.turn([&order] { order.emplace_back("turn within"); });
    order.emplace_back("events");
    EXPECT_TRUE(on.home.in_turn());
  });
  on.home.remove(ends);

  EXPECT_FALSE(on.home.in_turn());
  EXPECT_EQ(order, (std::vector<std::string>{"turn within", "events", "deferred", "deferred by deferred", "turn end"}));
}

TEST(shard, work_deferred_outside_of_a_turn_or_at_its_end_gets_one) {
  hand_shard on;
  int ran = 0;
  listener ends;
  ends.action = [&] {
    if (ran == 1) on.home.defer([&ran] { ++ran; });
  };
  on.home.add(ends);

  on.home.defer([&ran] { ++ran; });
  on.settle();
  on.home.remove(ends);

  EXPECT_EQ(ran, 2);
}

TEST(shard, an_exception_of_deferred_work_or_of_a_turn_is_logged) {
  hand_shard on;

  on.home.turn([&] {
    on.home.defer([] { throw std::runtime_error("deferred"); });
    throw std::runtime_error("in the turn");
  });

  EXPECT_EQ(on.log->count("deferred"), 1u);
  EXPECT_EQ(on.log->count("in the turn"), 1u);
}

struct counting_sweeper final : hubbub::sweeper {
  void sweep(unsigned part, unsigned parts, hubbub::time_point) override {
    EXPECT_LT(part, parts);
    if (seen.size() < parts) seen.resize(parts);
    ++seen[part];
  }
  std::vector<int> seen;
};

TEST(shard, sweeps_every_part_once_a_second) {
  hand_shard on;
  counting_sweeper sweeper;
  on.home.add(sweeper);

  on.advance(3s);
  on.home.remove(sweeper);
  on.advance(3s);

  ASSERT_EQ(sweeper.seen.size(), 10u);
  for (const int times : sweeper.seen) EXPECT_EQ(times, 3);
}

struct failing_sweeper final : hubbub::sweeper {
  void sweep(unsigned, unsigned, hubbub::time_point) override { throw std::bad_alloc(); }
};
struct failing_timer final : hubbub::timer_entry {
  void on_due() override { throw std::bad_alloc(); }
};

// Nobody stands above a shard's thread: what left it would end the process.
TEST(shard, outlives_sweeps_and_timers_that_run_out_of_memory) {
  hand_shard on;
  failing_sweeper failing;
  counting_sweeper other;
  failing_timer timer;
  on.home.add(failing);
  on.home.add(other);
  on.home.timers().add(timer, on.home.now() + 1s);

  on.advance(3s);
  on.home.remove(failing);
  on.home.remove(other);

  ASSERT_EQ(other.seen.size(), 10u);
  for (const int times : other.seen) EXPECT_EQ(times, 3);
  EXPECT_EQ(on.log->count("bad_alloc"), 31u);
}

struct entry final : hubbub::timer_entry {
  explicit entry(std::promise<void>& told) : fired(told) {}
  void on_due() override { fired.set_value(); }
  std::promise<void>& fired;
};

TEST(shard, timers_wake_a_running_shard_even_an_earlier_one_added_later) {
  shard_thread on;
  std::promise<void> soon_fired;
  std::promise<void> late_fired;
  entry soon(soon_fired);
  entry late(late_fired);
  on.run([&] { on.home.timers().add(late, on.home.time().now() + 1h); });

  on.run([&] { on.home.timers().add(soon, on.home.time().now() + 1ms); });

  EXPECT_EQ(soon_fired.get_future().wait_for(patience), std::future_status::ready);
  on.run([&] {
    EXPECT_TRUE(late.queued());
    on.home.timers().remove(late);
  });
}

TEST(shard, stop_before_run_is_not_lost) {
  shard on({});
  on.stop();

  on.run();  // returns

  EXPECT_TRUE(on.stopped());
}

// Holds the thread until the clock that watches calls has moved on.
void hold_thread(std::chrono::milliseconds at_least) {
  const auto coarse = [] {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  const auto end = coarse() + at_least;
  while (coarse() < end) {
  }
}

TEST(shard, a_call_that_holds_it_too_long_is_named_in_the_log) {
  const auto log = std::make_shared<hubbub_test::recording_logger>();
  shard on({.index = 2, .log = log, .slow_call = 5ms});

  on.watched("Chat.Say\n", [] { hold_thread(20ms); });
  on.watched("Chat.Quick", [] {});

  EXPECT_EQ(log->count("warning shard: 'Chat.Say?' held shard 2 for "), 1u);
  EXPECT_EQ(log->count("slow_call_warning"), 1u);
  EXPECT_EQ(log->count("Quick"), 0u);
}

TEST(shard, the_warning_can_be_switched_off) {
  const auto log = std::make_shared<hubbub_test::recording_logger>();
  shard on({.log = log, .slow_call = 0ms});

  on.watched("Chat.Say", [] { hold_thread(10ms); });

  EXPECT_TRUE(log->lines().empty());
}

TEST(shard, a_coroutine_that_holds_it_after_a_wait_is_named_too) {
  hubbub::manual_clock time;
  const auto log = std::make_shared<hubbub_test::recording_logger>();
  shard on({.time = &time, .log = log, .slow_call = 5ms});
  const auto slow = []() -> task<void> {
    co_await hubbub::sleep(1ms);
    hold_thread(20ms);
  };
  auto run = std::make_shared<hubbub_test::started<void>>();
  run->context = {&on, nullptr, "Chat.Dream"};
  on.turn([&] { hubbub_test::detail::run<void>(run->context, run, slow()); });

  time.advance(1ms);
  while (on.poll()) {
  }

  EXPECT_TRUE(run->done);
  EXPECT_EQ(log->count("'Chat.Dream' held shard 0"), 1u);
}

}  // namespace
