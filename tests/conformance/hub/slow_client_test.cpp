// A client that does not read is its own problem: bounded, ended on overflow, and nobody else waits for it.
#include <algorithm>

#include "suite.hpp"

namespace {

using namespace hub_story;

class slow_clients : public suite {};
HUB_STORY_CELLS(slow_clients);

TEST_P(slow_clients, cost_the_others_nothing_and_are_ended_when_too_much_waits) {
  set_up([](hubbub::hub_settings& settings) { settings.outbox_limit = 10'000; });
  client& one = on().connect();
  client& slow = on().connect();
  client& other = on().connect();
  slow.stop_reading();
  const std::string text(1000, 'x');

  for (int i = 0; i < 30; ++i) EXPECT_EQ(one.call("Broadcast", {text}).count("result"), 1u);

  EXPECT_EQ(slow.wait_for_end(), end::dropped);
  EXPECT_GE(slow.flushes_asked(), 1u);
  on().wait([&] { return on().about.count_locked("because outbox_full: the outbox limit was exceeded (error)") == 1; },
            "on_disconnected of the slow one");
  const auto is_text = [&](const std::string& received) { return received == text; };
  const std::vector<std::string> received = other.received_texts();
  EXPECT_EQ(std::count_if(received.begin(), received.end(), is_text), 30);
  EXPECT_EQ(on().log->count("a client is too slow: more than 10000 bytes wait for it (option outbox_limit)"), 1u);
  EXPECT_TRUE(slow.received_texts().empty());
}

TEST_P(slow_clients, that_read_again_in_time_get_everything) {
  client& one = on().connect();
  client& slow = on().connect();
  slow.stop_reading();
  for (int i = 0; i < 30; ++i) std::ignore = one.call("Broadcast", {std::to_string(i)});
  EXPECT_GT(slow.waiting_bytes(), 500u);

  slow.read_again();

  const std::vector<std::string> received = slow.received_texts();
  ASSERT_EQ(received.size(), 30u);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(received[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_P(slow_clients, that_overflow_by_their_own_answers_are_ended_too) {
  set_up([](hubbub::hub_settings& settings) { settings.outbox_limit = 10'000; });
  client& slow = on().connect();
  slow.stop_reading();

  for (int i = 0; i < 30; ++i) slow.begin("Echo", {std::string(1000, 'x')});

  EXPECT_EQ(slow.wait_for_end(), end::dropped);
}

TEST_P(slow_clients, awaited_sends_go_at_the_pace_of_their_one_recipient) {
  client& one = on().connect({.shard = 0});
  client& slow = on().connect({.shard = 0});
  slow.stop_reading();

  const std::string pours = one.begin("Pour", {slow.id(), 200});
  on().settle();
  EXPECT_FALSE(one.has_completion(pours));
  EXPECT_LT(slow.waiting_bytes(), 70'000u);
  slow.read_again();

  EXPECT_EQ(one.completion_of(pours), completion(pours, 200));
  EXPECT_EQ(slow.received_texts().size(), 200u);
}

TEST_P(slow_clients, that_leave_free_those_who_wait_for_them) {
  client& one = on().connect({.shard = 0});
  client& slow = on().connect({.shard = 0});
  slow.stop_reading();
  const std::string pours = one.begin("Pour", {slow.id(), 200});
  on().settle();
  EXPECT_FALSE(one.has_completion(pours));

  slow.leave();

  EXPECT_EQ(one.completion_of(pours), completion(pours, 200));
}

TEST_P(slow_clients, of_other_shards_are_not_waited_for) {
  if (on().shard_count() == 1) return;  // there is none on another shard
  client& one = on().connect({.shard = 0});
  client& slow = on().connect({.shard = 1});
  slow.stop_reading();

  EXPECT_EQ(one.result("Pour", {slow.id(), 200}), 200);
}

}  // namespace
