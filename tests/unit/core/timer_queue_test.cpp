// The timer queue: order of due times, removal anywhere, entries added while others run.
#include "hubbub/core/timer_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace {

using hubbub::time_point;
using hubbub::timer_queue;

time_point at(int milliseconds) { return time_point(std::chrono::milliseconds(milliseconds)); }

struct entry final : hubbub::timer_entry {
  explicit entry(std::function<void()> then = {}) : action(std::move(then)) {}
  void on_due() override {
    ++fired;
    if (action) action();
  }
  std::function<void()> action;
  int fired = 0;
};

TEST(timer_queue, an_empty_queue_has_nothing_due) {
  timer_queue queue;

  EXPECT_FALSE(queue.next().has_value());
  EXPECT_EQ(queue.run_due(at(1000)), 0u);
}

TEST(timer_queue, entries_fire_at_their_time_and_leave_the_queue) {
  timer_queue queue;
  entry one;
  queue.add(one, at(10));

  EXPECT_TRUE(one.queued());
  EXPECT_EQ(queue.next(), at(10));
  EXPECT_EQ(queue.run_due(at(9)), 0u);
  EXPECT_EQ(queue.run_due(at(10)), 1u);
  EXPECT_FALSE(one.queued());
  EXPECT_EQ(one.fired, 1);
  EXPECT_EQ(queue.run_due(at(100)), 0u);
}

TEST(timer_queue, entries_fire_earliest_first) {
  timer_queue queue;
  std::vector<int> order;
  std::vector<std::unique_ptr<entry>> entries;
  for (const int due : {50, 10, 40, 20, 30}) {
    entries.push_back(std::make_unique<entry>([&order, due] { order.push_back(due); }));
    queue.add(*entries.back(), at(due));
  }

  queue.run_due(at(100));

  EXPECT_EQ(order, (std::vector<int>{10, 20, 30, 40, 50}));
}

TEST(timer_queue, a_removed_entry_does_not_fire_and_may_be_removed_again) {
  timer_queue queue;
  entry gone;
  entry stays;
  queue.add(gone, at(1));
  queue.add(stays, at(2));

  queue.remove(gone);
  queue.remove(gone);

  EXPECT_EQ(queue.run_due(at(5)), 1u);
  EXPECT_EQ(gone.fired, 0);
  EXPECT_EQ(stays.fired, 1);
}

TEST(timer_queue, an_entry_that_fires_may_remove_and_add_others_and_itself) {
  timer_queue queue;
  entry removed;
  entry again;
  entry later;
  entry first([&] {
    queue.remove(removed);
    queue.add(later, at(50));
  });
  again.action = [&] {
    if (again.fired == 1) queue.add(again, at(4));
  };
  queue.add(first, at(1));
  queue.add(removed, at(2));
  queue.add(again, at(3));

  EXPECT_EQ(queue.run_due(at(10)), 3u);  // first, again, again: due when it was added

  EXPECT_EQ(removed.fired, 0);
  EXPECT_EQ(again.fired, 2);
  EXPECT_EQ(later.fired, 0);
  EXPECT_EQ(queue.next(), at(50));
  queue.remove(later);
}

TEST(timer_queue, agrees_with_a_sorted_list_under_random_adds_and_removes) {
  std::mt19937 random(7);
  timer_queue queue;
  std::vector<std::unique_ptr<entry>> entries;
  for (int i = 0; i < 200; ++i) entries.push_back(std::make_unique<entry>());
  std::vector<std::pair<entry*, int>> model;
  int now = 0;

  for (int step = 0; step < 20'000; ++step) {
    entry& one = *entries[random() % entries.size()];
    if (one.queued()) {
      queue.remove(one);
      std::erase_if(model, [&](const auto& in_model) { return in_model.first == &one; });
    } else {
      const int due = now + static_cast<int>(random() % 50);
      queue.add(one, at(due));
      model.emplace_back(&one, due);
    }
    if (random() % 8 != 0) continue;
    now += static_cast<int>(random() % 10);
    std::size_t expected = 0;
    for (const auto& [which, due] : model) expected += due <= now ? 1 : 0;
    ASSERT_EQ(queue.run_due(at(now)), expected);
    std::erase_if(model, [&](const auto& in_model) { return in_model.second <= now; });
    for (const auto& [which, due] : model) ASSERT_TRUE(which->queued());
    if (model.empty()) {
      ASSERT_FALSE(queue.next().has_value());
    } else {
      const auto earliest = std::min_element(
          model.begin(), model.end(), [](const auto& left, const auto& right) { return left.second < right.second; });
      ASSERT_EQ(queue.next(), at(earliest->second));
    }
  }
  for (const auto& one : entries) queue.remove(*one);
}

}  // namespace
