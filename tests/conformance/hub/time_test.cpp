// What happens by itself as time passes: pings, timeouts, sleeping methods. On a clock that is told to go on.
#include "suite.hpp"

namespace {

using namespace hub_story;
using namespace std::chrono_literals;

class passing_time : public timed_suite {};
HUB_STORY_CELLS_BY_HAND(passing_time);

TEST_P(passing_time, a_client_that_does_not_shake_hands_is_refused) {
  client& silent = on().arrive();
  client& slow = on().arrive();
  slow.say(R"({"protocol":)");
  on().advance(14s);
  EXPECT_TRUE(silent.writes().empty());

  on().advance(2s);

  for (client* one : {&silent, &slow}) {
    EXPECT_EQ(one->wait_for_end(), end::finished);
    EXPECT_EQ(one->writes(), (std::vector<std::string>{"{\"error\":\"Handshake was canceled.\"}\x1e"}));
  }
  EXPECT_TRUE(on().about.journal().empty());
}

TEST_P(passing_time, pings_go_out_every_interval_whatever_else_was_sent) {
  set_up([](hubbub::hub_settings& settings) { settings.keep_alive_interval = 5s; });
  client& idle = on().connect();
  client& busy = on().connect();

  for (int second = 0; second < 60; ++second) {
    on().advance(1s);
    std::ignore = busy.result("Echo", {"x"});
  }

  for (client* one : {&idle, &busy}) {
    EXPECT_GE(one->pings(), 10u);
    EXPECT_LE(one->pings(), 12u);
  }
  EXPECT_EQ(idle.writes().back(), speaks_json() ? "{\"type\":6}\x1e" : "\x02\x91\x06");
}

TEST_P(passing_time, an_authentication_that_is_over_ends_its_connection_where_that_is_wanted) {
  set_up([](hubbub::hub_settings& settings) { settings.close_on_authentication_expiration = true; });
  const auto now = std::chrono::system_clock::now();
  client& over = on().connect({.known = true, .authenticated_until = now - 1s});
  client& polled = on().connect({.known = true, .long_polling = true, .authenticated_until = now - 1s});
  client& valid = on().connect({.known = true, .authenticated_until = now + 1h});
  client& for_ever = on().connect({.known = true});

  on().advance(2s);

  for (client* one : {&over, &polled}) {
    EXPECT_EQ(one->wait_for_end(), end::finished);
    EXPECT_EQ(one->writes().back(),
              speaks_json() ? "{\"type\":7,\"allowReconnect\":true}\x1e" : "\x04\x93\x07\xc0\xc3");
  }
  EXPECT_EQ(on().about.count("because authentication_expired"), 2);
  EXPECT_EQ(valid.result("Echo", {"x"}), "x");
  EXPECT_EQ(for_ever.result("Echo", {"x"}), "x");
}

TEST_P(passing_time, an_authentication_that_is_over_is_no_matter_otherwise) {
  client& over = on().connect({.known = true, .authenticated_until = std::chrono::system_clock::now() - 1s});

  on().advance(2s);

  EXPECT_EQ(over.result("Echo", {"x"}), "x");
}

TEST_P(passing_time, no_interval_means_no_pings) {
  set_up([](hubbub::hub_settings& settings) { settings.keep_alive_interval = 0ms; });
  client& one = on().connect();
  on().advance(60s);

  EXPECT_EQ(one.pings(), 0u);
}

TEST_P(passing_time, long_polling_gets_no_pings_and_never_times_out) {
  client& one = on().connect({.long_polling = true});
  one.ping();
  on().advance(90s);

  EXPECT_EQ(one.pings(), 0u);
  EXPECT_EQ(one.result("Echo", {"x"}), "x");
}

TEST_P(passing_time, a_client_that_pinged_and_fell_silent_is_given_up) {
  client& one = on().connect();
  one.ping();
  on().advance(29s);
  EXPECT_EQ(one.result("Echo", {"resets the clock"}), "resets the clock");
  std::ignore = one.news();
  on().advance(30s);
  EXPECT_TRUE(one.news().empty());

  on().advance(2s);

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(one.news(), (std::vector<json>{closed_with_error()}));
  EXPECT_EQ(on().about.count("because client_timeout: Client hasn't sent a message/ping within the configured "
                             "ClientTimeoutInterval. (error)"),
            1);
}

TEST_P(passing_time, the_reason_is_told_when_details_are_on) {
  set_up([](hubbub::hub_settings& settings) { settings.detailed_errors = true; });
  client& one = on().connect();
  one.ping();
  on().advance(32s);

  EXPECT_EQ(one.news(),
            (std::vector<json>{closed_with_error(" OperationCanceledException: Client hasn't sent a message/ping "
                                                 "within the configured ClientTimeoutInterval.")}));
}

TEST_P(passing_time, a_client_that_never_pinged_may_be_silent) {
  client& one = on().connect();
  on().advance(300s);

  EXPECT_EQ(one.result("Echo", {"x"}), "x");
}

TEST_P(passing_time, no_client_timeout_means_none) {
  set_up([](hubbub::hub_settings& settings) { settings.client_timeout = 0ms; });
  client& one = on().connect();
  one.ping();
  on().advance(300s);

  EXPECT_EQ(one.result("Echo", {"x"}), "x");
}

TEST_P(passing_time, silence_does_not_count_while_the_server_does_not_listen) {
  client& one = on().connect();
  one.ping();
  one.begin("WaitAt", {"a"});
  const std::string waits = one.begin("Echo", {"waits"});
  on().advance(120s);
  EXPECT_FALSE(one.has_completion(waits));

  on().about.open("a");
  EXPECT_EQ(one.completion_of(waits), completion(waits, "waits"));
  on().advance(29s);
  EXPECT_EQ(one.result("Echo", {"x"}), "x");
}

TEST_P(passing_time, silence_counts_while_a_method_runs_and_nothing_waits_behind_it) {
  client& one = on().connect();
  one.ping();
  one.begin("WaitAt", {"a"});
  on().advance(32s);

  EXPECT_EQ(one.wait_for_end(), end::finished);
}

TEST_P(passing_time, sleeping_methods_wake_at_their_time) {
  client& one = on().connect();
  const std::string id = one.begin("Delay", {1500});
  on().advance(1400ms);
  EXPECT_FALSE(one.has_completion(id));

  on().advance(100ms);

  EXPECT_EQ(one.completion_of(id), completion(id, 1500));
}

TEST_P(passing_time, many_connections_are_all_looked_after) {
  set_up([](hubbub::hub_settings& settings) { settings.keep_alive_interval = 5s; });
  std::vector<client*> all;
  for (int i = 0; i < 100; ++i) all.push_back(&on().connect());
  for (std::size_t i = 0; i < all.size(); i += 7) all[i]->leave();

  on().advance(20s);

  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % 7 == 0) continue;
    ASSERT_GE(all[i]->pings(), 3u) << i;
    ASSERT_LE(all[i]->pings(), 4u) << i;
  }
}

TEST(settings, out_of_range_are_refused_with_their_name_and_value) {
  const auto refusal = [](const set_hub& set) -> std::string {
    try {
      stage unused(cell{1, false}, mapping_of_the_story_hub(), set);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  };
  using hubbub::hub_settings;

  EXPECT_EQ(refusal([](hub_settings& settings) { settings.handshake_timeout = 0ms; }),
            "hubbub: hub StoryHub: option handshake_timeout is 0 ms, it must be positive and at most 20 days");
  EXPECT_NE(
      refusal([](hub_settings& settings) { settings.keep_alive_interval = -1ms; }).find("keep_alive_interval is -1"),
      std::string::npos);
  EXPECT_NE(refusal([](hub_settings& settings) { settings.client_timeout = 24h * 30; }).find("client_timeout is"),
            std::string::npos);
  EXPECT_NE(refusal([](hub_settings& settings) {
              settings.max_parallel_invocations = 0;
            }).find("max_parallel_invocations is 0"),
            std::string::npos);
  EXPECT_NE(refusal([](hub_settings& settings) { settings.outbox_limit = 10; }).find("outbox_limit is 10"),
            std::string::npos);
  EXPECT_NE(refusal([](hub_settings& settings) { settings.max_message_size = 10; }).find("max_message_size is 10"),
            std::string::npos);
  EXPECT_EQ(refusal({}), "accepted");
}

}  // namespace
