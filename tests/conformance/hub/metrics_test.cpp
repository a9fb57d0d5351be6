// What a hub counts: exact when everything has ended, and zero for what is counted as present.
#include "hubbub/hub/hub_metrics.hpp"
#include "suite.hpp"

namespace {

using namespace hub_story;
using hubbub::close_cause;
using hubbub::connection_metrics;
using hubbub::hub_metrics;
using hubbub::method_metrics;

class counted_hubs : public suite {
 protected:
  hub_metrics counted() {
    std::vector<hub_metrics> all;
    on().endpoint->add_to(all);
    return all.at(0);
  }
  method_metrics method(std::string_view name) {
    const hub_metrics now = counted();
    const method_metrics* found = now.method(name);
    return found == nullptr ? method_metrics{"no such method"} : *found;
  }
  void expect_calls(std::string_view name, std::uint64_t calls, std::uint64_t errors) {
    const method_metrics now = method(name);
    EXPECT_EQ(now.calls, calls) << name;
    EXPECT_EQ(now.errors, errors) << name;
    EXPECT_EQ(now.duration.count(), calls) << name;
  }
  // The row of what clients speak in this cell.
  connection_metrics row(const hub_metrics& of, hubbub::transport_kind transport, bool agreed = true) {
    const auto spoken =
        GetParam().form == wire_form::json ? hubbub::protocol_kind::json : hubbub::protocol_kind::messagepack;
    for (const connection_metrics& one : of.connections) {
      if (one.transport == transport && one.protocol == (agreed ? std::optional(spoken) : std::nullopt)) return one;
    }
    ADD_FAILURE() << "no such row";
    return {};
  }
};
HUB_STORY_CELLS(counted_hubs);

// Clients of this suite take messages bare, as polls do; the other transports are counted in the transports' suite.
constexpr auto polls = hubbub::transport_kind::long_polling;

TEST_P(counted_hubs, have_all_rows_and_all_known_methods_before_anything_happens) {
  set_up();

  const hub_metrics now = counted();

  EXPECT_EQ(now.name, "StoryHub");
  EXPECT_EQ(now.connections.size(), 9u);
  EXPECT_EQ(now.connected(), 0u);
  ASSERT_NE(now.method("Echo"), nullptr);
  EXPECT_NE(now.method("ConnectionId"), nullptr);
  EXPECT_EQ(now.method("echo"), nullptr);
  EXPECT_EQ(now.method("Echo")->calls, 0u);
}

TEST_P(counted_hubs, count_connections_by_transport_and_protocol) {
  on().connect();
  on().connect();
  client& mute = on().arrive();
  on().settle();

  hub_metrics now = counted();
  EXPECT_EQ(now.connected(), 3u);
  EXPECT_EQ(row(now, polls).now, 2u);
  EXPECT_EQ(row(now, polls).total, 2u);
  EXPECT_EQ(row(now, polls, false).now, 1u);
  EXPECT_EQ(row(now, polls, false).total, 0u);

  mute.leave();
  on().end();

  now = counted();
  EXPECT_EQ(now.connected(), 0u);
  for (const connection_metrics& one : now.connections) EXPECT_EQ(one.now, 0u);
  EXPECT_EQ(row(now, polls).total, 2u);
  EXPECT_EQ(row(now, polls, false).total, 1u);
  EXPECT_EQ(now.ended_by(close_cause::client_left), 3u);
}

TEST_P(counted_hubs, count_ends_by_their_cause) {
  client& refused = on().arrive({.form = wire_form::json});
  refused.say("{\"protocol\":\"gibberish\",\"version\":1}\x1e");
  EXPECT_EQ(refused.wait_for_end(), end::finished);
  client& aborting = on().connect();
  aborting.tell("Abort");
  EXPECT_EQ(aborting.wait_for_end(), end::finished);
  client& broken = on().arrive({.target = "/story?connected=throw"});
  broken.shake_hands();
  broken.wait_for_end();
  on().end();

  const hub_metrics now = counted();

  EXPECT_EQ(now.ended_by(close_cause::handshake_failed), 1u);
  EXPECT_EQ(now.ended_by(close_cause::aborted), 1u);
  EXPECT_EQ(now.ended_by(close_cause::open_failed), 1u);
  EXPECT_EQ(now.connected(), 0u);
}

TEST_P(counted_hubs, count_clients_that_were_cut_for_being_slow) {
  set_up([](hubbub::hub_settings& settings) { settings.outbox_limit = 10'000; });
  client& slow = on().connect();
  slow.stop_reading();
  for (int i = 0; i < 30; ++i) slow.begin("Echo", {std::string(1000, 'x')});
  slow.wait_for_end();
  on().end();

  EXPECT_EQ(counted().ended_by(close_cause::outbox_full), 1u);
}

TEST_P(counted_hubs, count_calls_and_errors_of_each_method) {
  client& one = on().connect();
  for (int i = 0; i < 5; ++i) std::ignore = one.call("echo", {"a"});
  std::ignore = one.call("EchoLater", {"a"});
  std::ignore = one.call("Fail", {"no"});
  std::ignore = one.call("Crash");
  std::ignore = one.call("CrashLater");
  std::ignore = one.call("NotANumber");       // its result cannot be written in JSON
  std::ignore = one.call("AddNumbers", {1});  // cannot be bound
  std::ignore = one.call("AddNumbers", {1, 2});
  std::ignore = one.call("Members");  // is not allowed
  one.tell("Crash");                  // nobody waits for its error
  std::ignore = one.call("Nowhere");
  one.tell("Nobody");
  std::ignore = one.call("Echo", {"last"});
  on().end();

  expect_calls("Echo", 6, 0);
  expect_calls("EchoLater", 1, 0);
  expect_calls("Fail", 1, 1);
  expect_calls("Crash", 2, 2);
  expect_calls("CrashLater", 1, 1);
  expect_calls("NotANumber", 1, GetParam().form == wire_form::json ? 1 : 0);
  expect_calls("AddNumbers", 2, 1);
  expect_calls("Members", 1, 1);
  expect_calls("Nothing", 0, 0);
  EXPECT_EQ(counted().unknown_calls, 2u);
  EXPECT_EQ(counted().method("Nowhere"), nullptr);
}

TEST_P(counted_hubs, count_a_call_that_had_to_wait_for_its_turn_once) {
  client& one = on().connect();
  const std::string first = one.begin("WaitAt", {"a"});
  const std::string second = one.begin("Echo", {"b"});
  on().wait([&] { return on().about.waiting_locked("a") == 1; }, "the first call");
  expect_calls("WaitAt", 0, 0);
  expect_calls("Echo", 0, 0);

  on().about.open("a");
  std::ignore = one.completion_of(second);
  on().end();

  expect_calls("WaitAt", 1, 0);
  expect_calls("Echo", 1, 0);
}

TEST_P(counted_hubs, take_a_cancelled_call_for_an_error_only_when_its_caller_hears_of_one) {
  client& one = on().connect();
  const std::string rethrows = one.begin("SleepUnlessCancelled", {"rethrow"});
  one.cancel(rethrows);
  std::ignore = one.completion_of(rethrows);
  one.begin("Delay", {1'000'000});
  on().settle();
  on().end();

  expect_calls("SleepUnlessCancelled", 1, 1);
  expect_calls("Delay", 1, 0);
}

TEST_P(counted_hubs, count_the_bytes_of_messages_both_ways) {
  client& one = on().connect();
  client& other = on().connect();
  std::ignore = one.call("Broadcast", {std::string(100, 'x')});
  on().settle();
  std::ignore = other.next();
  std::ignore = one.next();
  std::ignore = one.call("Echo", {"last"});
  std::size_t sent = 0;
  for (client* each : {&one, &other}) {
    for (const std::string& piece : each->writes()) sent += piece.size();
  }

  const hub_metrics now = counted();

  EXPECT_EQ(row(now, polls).bytes_sent, sent);
  EXPECT_GT(row(now, polls).bytes_received, 100u);
  EXPECT_LT(row(now, polls).bytes_received, 400u);
  EXPECT_EQ(row(now, polls, false).bytes_received, 2 * std::string("{\"protocol\":\"json\",\"version\":1}").size() + 2 +
                                                       (GetParam().form == wire_form::json ? 0 : 2 * 7));
}

TEST_P(counted_hubs, measure_how_long_calls_take) {
  set_up();
  client& one = on().connect();
  std::ignore = one.call("Echo", {"quick"});
  const auto before = std::chrono::steady_clock::now();
  const std::string waits = one.begin("WaitAt", {"gate"});
  on().wait([&] { return on().about.waiting_locked("gate") == 1; }, "the call");
  const auto held = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - held < std::chrono::milliseconds(3)) continue;
  on().about.open("gate");
  std::ignore = one.completion_of(waits);
  on().end();
  const double most = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();

  const method_metrics slow = method("WaitAt");
  EXPECT_GE(slow.duration.sum_seconds, 0.0028);
  EXPECT_LE(slow.duration.sum_seconds, most * 1.1);
  EXPECT_GT(method("Echo").duration.sum_seconds, 0.0);
}

TEST_P(counted_hubs, are_one_when_several_mappings_have_one_name) {
  set_up_mapped([](hubbub::hub_host& host, world& about) {
    endpoints made = mapping_of_the_story_hub()(host, about);
    endpoints second = mapping_of_the_story_hub()(host, about);
    made.insert(made.end(), second.begin(), second.end());
    return made;
  });
  client& one = on().connect();
  std::ignore = one.call("Echo", {"a"});
  std::vector<hub_metrics> all;
  for (int i = 0; i < 2; ++i) on().endpoint->add_to(all);

  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].method("Echo")->calls, 2u);  // this mapping, asked twice
}

}  // namespace
