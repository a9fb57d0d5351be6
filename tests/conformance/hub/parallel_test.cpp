// One invocation at a time: what waits, what does not, and where waiting bytes are kept.
#include "suite.hpp"

namespace {

using namespace hub_story;

class running_methods : public suite {
 protected:
  bool waits_at(const std::string& gate, std::size_t how_many = 1) {
    return on().wait([&, gate] { return on().about.waiting_locked(gate) == how_many; }, "a method at gate " + gate);
  }
  static std::string invocation(const std::string& id, const std::string& target, const json& arguments) {
    return in_bytes({{"type", 1}, {"invocationId", id}, {"target", target}, {"arguments", arguments}});
  }
};
HUB_STORY_CELLS(running_methods);

TEST_P(running_methods, run_one_after_the_other_in_order) {
  client& one = on().connect();
  const std::string first = one.begin("WaitAt", {"a"});
  const std::string second = one.begin("Echo", {"second"});
  const std::string third = one.begin("WaitAt", {"c"});
  ASSERT_TRUE(waits_at("a"));
  EXPECT_FALSE(one.has_completion(second));

  on().about.open("a");
  ASSERT_TRUE(waits_at("c"));
  on().about.open("c");
  std::ignore = one.completion_of(third);

  EXPECT_EQ(one.news(),
            (std::vector<json>{completion(first, "a"), completion(second, "second"), completion(third, "c")}));
}

TEST_P(running_methods, let_other_messages_through) {
  client& one = on().connect();
  const std::string waits = one.begin("SleepUnlessCancelled", {"kindly"});
  one.ping();

  one.cancel(waits);

  EXPECT_EQ(one.completion_of(waits), completion(waits, true));
  EXPECT_EQ(on().about.count("cancelled kindly"), 1);
}

TEST_P(running_methods, let_a_close_through) {
  client& one = on().connect();
  one.begin("WaitAt", {"a"});
  ASSERT_TRUE(waits_at("a"));

  one.say_message(closed());

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(one.news(), (std::vector<json>{closed()}));
}

TEST_P(running_methods, hold_back_what_comes_behind_a_waiting_invocation) {
  client& one = on().connect();
  const std::string first = one.begin("SleepUnlessCancelled", {"kindly"});
  one.begin("Echo", {"waits"});

  one.cancel(first);  // behind the waiting one: not read (decision 23)

  EXPECT_FALSE(one.has_completion(first));
  EXPECT_EQ(on().about.count("cancelled kindly"), 0);
}

TEST_P(running_methods, do_not_hold_up_invocations_that_cannot_run_anyway) {
  client& one = on().connect();
  one.begin("WaitAt", {"a"});
  ASSERT_TRUE(waits_at("a"));

  EXPECT_EQ(one.error("NoSuchMethod"),
            "Failed to invoke 'NoSuchMethod' due to an error on the server. HubException: Method does not exist.");
  EXPECT_EQ(one.error("AddNumbers", {1}), "Failed to invoke 'AddNumbers' due to an error on the server.");
}

TEST_P(running_methods, authorization_is_asked_when_the_method_gets_its_turn) {
  client& one = on().connect();
  one.begin("WaitAt", {"a"});
  const std::string refused = one.begin("Kick");
  EXPECT_FALSE(one.has_completion(refused));

  on().about.open("a");

  EXPECT_EQ(one.completion_of(refused), failure(refused, "Failed to invoke 'Kick' because user is unauthorized"));
}

TEST_P(running_methods, of_other_connections_do_not_matter) {
  client& one = on().connect({.shard = 0});
  client& two = on().connect({.shard = 0});
  one.begin("WaitAt", {"a"});
  ASSERT_TRUE(waits_at("a"));

  EXPECT_EQ(two.result("Echo", {"x"}), "x");
}

TEST_P(running_methods, may_be_several_when_the_option_says_so) {
  set_up([](hubbub::hub_settings& settings) { settings.max_parallel_invocations = 2; });
  client& one = on().connect();
  const std::string first = one.begin("WaitAt", {"a"});
  const std::string second = one.begin("WaitAt", {"b"});
  ASSERT_TRUE(waits_at("a"));
  ASSERT_TRUE(waits_at("b"));
  const std::string third = one.begin("Echo", {"third"});
  EXPECT_FALSE(one.has_completion(third));

  on().about.open("b");
  std::ignore = one.completion_of(third);

  EXPECT_EQ(one.news(), (std::vector<json>{completion(second, "b"), completion(third, "third")}));
  on().about.open("a");
  EXPECT_EQ(one.completion_of(first), completion(first, "a"));
}

TEST_P(running_methods, without_id_take_a_slot_too) {
  client& one = on().connect();
  one.tell("WaitAt", {"a"});
  ASSERT_TRUE(waits_at("a"));
  const std::string second = one.begin("Echo", {"x"});
  EXPECT_FALSE(one.has_completion(second));

  on().about.open("a");

  EXPECT_EQ(one.completion_of(second), completion(second, "x"));
}

TEST_P(running_methods, sends_and_completion_keep_the_order_of_the_method) {
  client& one = on().connect();

  const std::string id = one.begin("Burst", {3});
  std::ignore = one.completion_of(id);

  EXPECT_EQ(one.news(), (std::vector<json>{receive("0"), receive("1"), receive("2"), completion(id, 3)}));
}

TEST_P(running_methods, hundreds_of_calls_in_one_piece_are_all_answered_in_order) {
  client& one = on().connect();
  std::string piece;
  for (int i = 0; i < 300; ++i) {
    piece += invocation("call" + std::to_string(i), i % 3 == 0 ? "EchoLater" : "Echo", {std::to_string(i)});
  }

  one.say(piece);
  std::ignore = one.completion_of("call299");

  const std::vector<json> answers = one.news();
  ASSERT_EQ(answers.size(), 300u);
  for (std::size_t i = 0; i < 300; ++i) {
    ASSERT_EQ(answers[i], completion("call" + std::to_string(i), std::to_string(i)));
  }
}

TEST_P(running_methods, what_waits_is_kept_up_to_64_kib_then_input_pauses_and_nothing_is_lost) {
  client& one = on().connect();
  one.begin("WaitAt", {"a"});
  ASSERT_TRUE(waits_at("a"));
  const std::string text(1000, 'x');
  int sent = 0;
  for (; sent < 60; ++sent) one.say(invocation("w" + std::to_string(sent), "Echo", {text}));
  on().settle();
  EXPECT_FALSE(one.asked_to_pause());

  for (; sent < 100; ++sent) one.say(invocation("w" + std::to_string(sent), "Echo", {text}));
  on().settle();
  EXPECT_TRUE(one.asked_to_pause());
  EXPECT_GT(one.unread_by_server(), 20'000u);

  on().about.open("a");
  std::ignore = one.completion_of("w99");
  EXPECT_FALSE(one.asked_to_pause());
  EXPECT_EQ(one.unread_by_server(), 0u);
  EXPECT_EQ(one.news().size(), 101u);
}

TEST_P(running_methods, input_that_is_paused_stays_paused_while_methods_wait_one_after_the_other) {
  client& one = on().connect();
  one.begin("WaitAt", {"a"});
  ASSERT_TRUE(waits_at("a"));
  one.say(invocation("again", "WaitAt", {"b"}));
  one.say(invocation("filler", "Echo", {std::string(30'000, 'x')}));
  one.say(invocation("filler2", "Echo", {std::string(30'000, 'x')}));
  one.say(invocation("filler3", "Echo", {std::string(30'000, 'x')}));
  one.say(invocation("held back", "Echo", {"late"}));
  on().settle();
  ASSERT_TRUE(one.asked_to_pause());

  on().about.open("a");
  ASSERT_TRUE(waits_at("b"));
  on().settle();
  EXPECT_TRUE(one.asked_to_pause());

  on().about.open("b");
  EXPECT_EQ(one.completion_of("held back")["result"], "late");
  EXPECT_FALSE(one.asked_to_pause());
}

TEST_P(running_methods, messages_may_be_cut_anywhere) {
  client& one = on().connect();
  std::string piece;
  for (int i = 0; i < 6; ++i) piece += invocation("c" + std::to_string(i), i == 2 ? "EchoLater" : "Echo", {"text"});
  for (const std::size_t size : {1u, 7u, 64u}) {
    for (std::size_t at = 0; at < piece.size(); at += size) one.say(std::string_view(piece).substr(at, size));
    std::ignore = one.completion_of("c5");
    on().settle();
    EXPECT_EQ(one.news().size(), 6u) << size;
  }
}

}  // namespace
