// Stateful reconnect at the hub (hub-protocol.md 10): what goes on while nobody is there, what ends it, and what an odd
// client can do.
#include "suite.hpp"

namespace {

using namespace hub_story;
using namespace std::chrono_literals;

class resuming : public timed_suite {
 protected:
  stage& allowed(const set_hub& set = {}) {
    return set_up([set](hubbub::hub_settings& settings) {
      settings.allow_stateful_reconnects = true;
      settings.keep_alive_interval = 0s;
      if (set) set(settings);
    });
  }
  client& connect() { return on().connect({.stateful = true}); }
  static json sequence(std::int64_t number) { return {{"type", 9}, {"sequenceId", number}}; }
  static json ack(std::int64_t number) { return {{"type", 8}, {"sequenceId", number}}; }
  static json call(const std::string& target, json arguments) {
    return {{"type", 1}, {"target", target}, {"arguments", std::move(arguments)}};
  }
};
HUB_STORY_CELLS_BY_HAND(resuming);

TEST_P(resuming, keeps_groups_items_and_the_hub_object) {
  allowed();
  client& one = connect();
  client& other = on().connect();
  one.call("Join", {"red"});
  one.call("Remember", {"name", "value"});
  EXPECT_EQ(one.result("CountUp"), 1);
  EXPECT_EQ(one.news().size(), 3u);

  one.cut();
  other.call("SendGroup", {"red", "meanwhile"});
  ASSERT_TRUE(one.resume());

  EXPECT_EQ(one.next(), sequence(1)) << "nothing was acknowledged";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(one.next()["type"], 3);
  EXPECT_EQ(one.next(), receive("meanwhile"));
  one.say_message(sequence(4));
  EXPECT_EQ(one.result("Recall", {"name"}), "value");
  EXPECT_EQ(one.result("CountUp"), 2);
  EXPECT_EQ(on().about.count("disconnected " + one.id()), 0);
}

TEST_P(resuming, announces_the_first_message_that_was_not_acknowledged) {
  allowed();
  client& one = connect();
  one.call("Burst", {5});
  one.say_message(ack(4));

  ASSERT_TRUE(one.resume());

  one.news();
  one.cut();
  one.say_message(ack(6));  // into the void
  ASSERT_TRUE(one.resume());
  EXPECT_EQ(one.next(), sequence(5));
  EXPECT_EQ(one.next(), receive("4"));
  EXPECT_EQ(one.next()["type"], 3);
  EXPECT_TRUE(one.news().empty());
}

TEST_P(resuming, counts_calls_that_fail_in_every_way) {
  allowed();
  client& one = connect();
  one.say_message(call("Unknown", json::array()));
  one.say_message(call("AddNumbers", {"no number", 1}));
  one.say_message(call("Fail", {"text"}));
  one.say_message({{"type", 2}, {"invocationId", "no stream"}, {"item", 1}});
  one.say_message({{"type", 3}, {"invocationId", "no call"}});
  one.say_message({{"type", 5}, {"invocationId", "no call"}});
  one.ping();
  one.say_message(ack(0));

  on().advance(2s);

  EXPECT_EQ(one.news(), (std::vector<json>{ack(6)}));
}

TEST_P(resuming, acknowledges_once_a_second_and_only_what_is_new) {
  allowed();
  client& one = connect();
  on().advance(3s);
  EXPECT_TRUE(one.news().empty());

  one.tell("Nothing");
  one.tell("Nothing");
  EXPECT_TRUE(one.news().empty());
  on().advance(1100ms);
  EXPECT_EQ(one.news(), (std::vector<json>{ack(2)}));
  on().advance(10s);
  EXPECT_TRUE(one.news().empty());

  // The client has not seen it, and says everything again.
  one.cut();
  ASSERT_TRUE(one.resume());
  one.say_message(sequence(1));
  one.tell("Nothing");
  one.tell("Nothing");
  on().advance(1100ms);
  EXPECT_EQ(one.news(), (std::vector<json>{sequence(1), ack(2)}));
  EXPECT_EQ(on().about.count("nothing"), 2);
}

TEST_P(resuming, acknowledges_much_at_once) {
  allowed();
  client& one = connect();

  for (int i = 0; i < 6; ++i) one.tell("Echo", {std::string(8'000, 'x')});

  const std::vector<json> came = one.news();
  ASSERT_EQ(came.size(), 1u);
  EXPECT_EQ(came[0]["type"], 8);
}

TEST_P(resuming, does_not_acknowledge_a_call_that_waits_for_its_turn) {
  allowed();
  client& one = connect();
  one.tell("WaitAt", {"gate"});
  one.tell("Nothing");
  on().advance(1100ms);
  EXPECT_EQ(one.news(), (std::vector<json>{ack(1)}));

  // The one that waits is lost with the wire, and comes again.
  one.cut();
  ASSERT_TRUE(one.resume());
  one.say_message(sequence(2));
  one.tell("Nothing");
  on().about.open("gate");
  on().settle();

  EXPECT_EQ(on().about.count("nothing"), 1);
  on().advance(1100ms);
  EXPECT_EQ(one.news(), (std::vector<json>{sequence(1), ack(2)}));
}

TEST_P(resuming, goes_on_with_methods_that_run) {
  allowed();
  client& one = connect();
  const std::string waiting = one.begin("WaitAt", {"gate"});
  one.cut();
  on().about.open("gate");
  on().settle();

  ASSERT_TRUE(one.resume());

  EXPECT_EQ(one.completion_of(waiting), completion(waiting, "gate"));
}

// Acks behind a call that waits for its turn: the running method waits for them.
TEST_P(resuming, reads_acks_while_a_call_waits_for_its_turn) {
  allowed([](hubbub::hub_settings& set) { set.stateful_reconnect_buffer_size = 10'000; });
  client& one = connect();
  const std::string pouring = one.begin("Pour", {one.id(), 200});
  one.tell("Nothing");

  for (int i = 1; i <= 40 && !one.has_completion(pouring); ++i) one.say_message(ack(i * 10));

  EXPECT_TRUE(one.has_completion(pouring));
  EXPECT_EQ(on().about.count("nothing"), 1);
}

TEST_P(resuming, does_not_stand_still_when_acks_cannot_be_read) {
  allowed([](hubbub::hub_settings& set) { set.stateful_reconnect_buffer_size = 10'000; });
  client& one = connect();
  const std::string pouring = one.begin("Pour", {one.id(), 200});
  one.tell("Nothing");
  for (int i = 0; i < 4; ++i) one.tell("Echo", {std::string(20'000, 'x')});

  EXPECT_EQ(on().about.count("poured"), 1) << "the server read no more: it waited for no Ack either";
  for (int i = 0; i < 20; ++i) one.say_message(ack(200));  // each lets so much more leave
  EXPECT_TRUE(one.has_completion(pouring)) << "which waits for Acks again, since the server reads them";
}

// As above, but more than the outbox may hold is still to be sent.
TEST_P(resuming, cannot_be_resumed_any_more_rather_than_stand_still) {
  allowed([](hubbub::hub_settings& set) {
    set.stateful_reconnect_buffer_size = 10'000;
    set.outbox_limit = 64 * 1024;
  });
  client& one = connect();
  const std::string pouring = one.begin("Pour", {one.id(), 200});
  one.tell("Nothing");
  for (int i = 0; i < 4; ++i) one.tell("Echo", {std::string(20'000, 'x')});
  for (int i = 0; i < 20; ++i) one.say_message(ack(200));
  EXPECT_EQ(on().about.count("poured"), 0) << "the Acks are not read, and the method waits for them";

  on().advance(2s);

  EXPECT_TRUE(one.has_completion(pouring));
  EXPECT_EQ(on().about.count("nothing"), 1);
  one.cut();
  EXPECT_FALSE(one.resume());
}

// A client with a full buffer says nothing new before it has seen an Ack.
TEST_P(resuming, repeats_an_ack_for_which_there_was_no_room) {
  allowed([](hubbub::hub_settings& set) { set.outbox_limit = 20'000; });
  client& one = connect();
  client& other = on().connect();
  one.stop_reading();
  other.tell("Broadcast", {std::string(30'000, 'x')});  // a message may be larger than the limit, alone
  one.tell("Nothing");
  on().advance(3s);
  EXPECT_EQ(on().about.count("nothing"), 1);

  one.read_again();
  on().advance(2s);

  EXPECT_EQ(one.next()["type"], 1);
  EXPECT_EQ(one.news(), (std::vector<json>{ack(1)}));
}

// They are looked for while more comes, a byte at a time.
TEST_P(resuming, reads_acks_that_come_in_pieces_while_a_call_waits) {
  allowed([](hubbub::hub_settings& set) { set.stateful_reconnect_buffer_size = 10'000; });
  client& one = connect();
  const std::string pouring = one.begin("Pour", {one.id(), 200});
  one.tell("Nothing");

  for (int i = 1; i <= 40 && !one.has_completion(pouring); ++i) {
    for (const char c : in_bytes(ack(i * 10))) one.say({&c, 1});
  }

  EXPECT_TRUE(one.has_completion(pouring));
  EXPECT_EQ(on().about.count("nothing"), 1);
}

TEST_P(resuming, sends_no_pings_and_minds_no_silence_while_nobody_is_there) {
  allowed([](hubbub::hub_settings& set) {
    set.keep_alive_interval = 1s;
    set.client_timeout = 5s;
  });
  client& one = connect();
  one.ping();
  one.cut();
  const std::size_t before = one.pings();

  on().advance(14s);

  ASSERT_TRUE(one.resume());
  EXPECT_EQ(one.pings(), before);
  on().advance(4s);
  EXPECT_EQ(one.wait_for_nothing(), end::none);
  EXPECT_GT(one.pings(), before);
  on().advance(3s);
  EXPECT_EQ(one.wait_for_end(), end::finished) << "silence counts from the resume on";
}

TEST_P(resuming, sends_pings_past_a_full_window) {
  allowed([](hubbub::hub_settings& set) {
    set.keep_alive_interval = 1s;
    set.stateful_reconnect_buffer_size = 1024;
  });
  client& one = connect();
  for (int i = 0; i < 50; ++i) one.tell("Notify", {std::string(100, 'x')});
  const std::size_t came = one.news().size();
  EXPECT_LT(came, 20u);

  on().advance(3s);

  EXPECT_GE(one.pings(), 2u);
  for (int i = 1; i <= 50; ++i) one.say_message(ack(i));
  EXPECT_EQ(came + one.received_texts().size(), 50u);
}

TEST_P(resuming, ends_when_nobody_comes_back) {
  allowed();
  client& one = connect();
  client& other = on().connect();
  one.cut();

  on().advance(16s);

  EXPECT_EQ(on().about.count("disconnected " + one.id()), 1);
  EXPECT_EQ(other.received_texts(), (std::vector<std::string>{"gone " + one.id()}));
  EXPECT_FALSE(one.resume());
}

TEST_P(resuming, is_over_when_the_hub_aborts_while_nobody_is_there) {
  allowed();
  client& one = connect();
  one.tell("WaitAt", {"gate"});
  one.tell("Abort");
  one.cut();

  on().about.open("gate");
  on().settle();

  EXPECT_EQ(on().about.count("because aborted"), 1);
  EXPECT_FALSE(one.resume());
}

TEST_P(resuming, is_over_with_the_goodbye_of_a_hub_that_stops) {
  allowed();
  client& one = connect();
  one.cut();

  on().run_on(one.shard(), [&] { on().endpoint->say_goodbye(on().shard_at(one.shard())); });
  on().settle();

  EXPECT_EQ(on().about.count("because server_stopping"), 1);
  EXPECT_FALSE(one.resume());
  EXPECT_EQ(on().busy(), 0u);
}

TEST_P(resuming, ends_over_a_gap) {
  allowed([](hubbub::hub_settings& set) { set.detailed_errors = true; });
  client& one = connect();
  one.tell("Nothing");

  one.say_message(sequence(3));

  EXPECT_EQ(one.next(), closed_with_error(
                            " InvalidOperationException: Sequence ID greater than amount of messages we've received."));
  EXPECT_EQ(one.wait_for_end(), end::finished);
}

TEST_P(resuming, drops_what_a_client_says_before_its_sequence) {
  allowed();
  client& one = connect();
  ASSERT_TRUE(one.resume());

  one.tell("Nothing");
  one.say_message(sequence(1));
  one.tell("Nothing");

  EXPECT_EQ(on().about.count("nothing"), 1);
}

TEST_P(resuming, needs_the_second_version_of_the_handshake) {
  allowed();
  client& one = on().arrive({.form = GetParam().form, .stateful = true});
  one.say(R"({"protocol":")" + std::string(name_of(GetParam().form)) + R"(","version":1})" + hubbub::record_separator);
  ASSERT_EQ(one.writes().size(), 1u);

  EXPECT_FALSE(one.resume());
  one.say_message(ack(1));
  one.say_message(sequence(77));
  EXPECT_EQ(one.result("Echo", {"all the same"}), "all the same");
}

TEST_P(resuming, is_ignored_by_hubs_that_do_not_allow_it) {
  client& one = on().connect({.stateful = true});
  one.say_message(ack(1));
  one.say_message(sequence(77));
  EXPECT_EQ(one.result("Echo", {"a"}), "a");

  one.cut();

  EXPECT_EQ(on().about.count("disconnected " + one.id()), 1);
}

TEST_P(resuming, is_counted) {
  allowed();
  client& one = connect();
  one.cut();
  ASSERT_TRUE(one.resume());
  ASSERT_TRUE(one.resume());

  std::vector<hubbub::hub_metrics> all;
  on().endpoint->add_to(all);

  EXPECT_EQ(all.at(0).resumed, 2u);
  EXPECT_EQ(all.at(0).connected(), 1u);
}

}  // namespace
