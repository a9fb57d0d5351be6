// The agenda of a turn: each once, before the turn ends, whatever the others do.
#include "endpoint/turn_work.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <utility>

#include "support/shards.hpp"

namespace {

using namespace hubbub;

struct some_work final : turn_work {
  explicit some_work(std::function<void()> wanted) : what(std::move(wanted)) {}
  void act() override {
    ++times;
    what();
  }
  std::function<void()> what;
  int times = 0;
};

TEST(turn_agenda, calls_each_once_unless_it_is_removed) {
  hubbub_test::hand_shard on;
  turn_agenda agenda(on.home);
  some_work one([] {});
  some_work gone([] {});
  on.turn([&] {
    agenda.add(one);
    agenda.add(gone);
    agenda.add(one);
    agenda.remove(gone);
  });

  EXPECT_EQ(one.times, 1);
  EXPECT_EQ(gone.times, 0);
}

TEST(turn_agenda, goes_on_when_one_runs_out_of_memory) {
  hubbub_test::hand_shard on;
  turn_agenda agenda(on.home);
  some_work hungry([] { throw std::bad_alloc(); });
  some_work other([] {});
  for (int turns = 1; turns <= 2; ++turns) {
    on.turn([&] {
      agenda.add(hungry);
      agenda.add(other);
    });
    EXPECT_EQ(hungry.times, turns);
    EXPECT_EQ(other.times, turns);
  }
  EXPECT_EQ(on.log->count("work of a turn failed"), 2u);
}

}  // namespace
