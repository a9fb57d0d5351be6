// Hosts of the testing kit: mapping, who may connect, time, blocking work, and the end.
#include <thread>

#include "kit_hub.hpp"

namespace {

using namespace kit_story;

class kit_hosts : public on_a_host {};
KIT_PROTOCOLS(kit_hosts);

TEST_P(kit_hosts, greet_with_what_the_request_says) {
  kit::client ada = host.connect({.path = "/kit?wish=greet", .user_id = "ada"});

  EXPECT_EQ(ada.expect<std::string>("Welcome"), "ada");
}

TEST_P(kit_hosts, deal_clients_to_their_shards) {
  kit::client ada = host.connect();
  kit::client ben = host.connect();

  EXPECT_NE(ada.line().shard(), ben.line().shard());
  EXPECT_EQ(host.connections(), 2u);
}

TEST_P(kit_hosts, tell_why_a_client_is_refused) {
  EXPECT_EQ(text_of<kit::connection_error>([&] { std::ignore = host.connect({.path = "/kit?wish=refuse"}); }),
            "Connection closed with an error. HubException: not today");
  kit::host only_json;
  only_json.map<kit_hub>(std::ref(lines)).protocols({hubbub::protocol_kind::json});
  EXPECT_EQ(text_of<kit::connection_error>(
                [&] { std::ignore = only_json.connect({.protocol = hubbub::protocol_kind::messagepack}); }),
            "The protocol 'messagepack' is not supported.");
}

TEST_P(kit_hosts, know_what_transports_cannot) {
  const auto over_events = [&] { return host.connect({.text_only = true}); };
  if (GetParam() == hubbub::protocol_kind::json) {
    EXPECT_TRUE(over_events().connected());
  } else {
    EXPECT_NE(text_of<kit::connection_error>([&] { std::ignore = over_events(); }).find("Cannot use the 'messagepack'"),
              std::string::npos);
  }
  kit::client polling = host.connect({.long_polling = true});
  host.advance(1h);
  EXPECT_EQ(polling.pings(), 0u);
}

TEST_P(kit_hosts, keep_out_who_is_not_meant) {
  settings.require_role({"member"}).authorize([](const hubbub::principal* who, const hubbub::request&) {
    return who == nullptr || !who->has("sub", "eve");
  });
  const auto status = [&](const kit::client_options& who) {
    try {
      std::ignore = host.connect(who);
    } catch (const kit::connection_error& refused) {
      return refused.status();
    }
    return 0;
  };

  EXPECT_EQ(status({}), 401);
  EXPECT_EQ(status({.user_id = "ada"}), 403);
  EXPECT_EQ(status({.user_id = "ada", .roles = {"member"}}), 0);
  EXPECT_EQ(status({.user_id = "eve", .roles = {"member"}}), 403);
  EXPECT_EQ(status({.user = hubbub::principal({{"sub", "ada"}, {"role", "member"}})}), 0);
}

TEST_P(kit_hosts, know_roles_of_methods) {
  kit::client user = host.connect({.user_id = "ada"});
  kit::client admin = host.connect({.roles = {"admin"}});

  admin.invoke("Kick");
  EXPECT_THROW(user.invoke("Kick"), kit::invocation_error);
}

TEST_P(kit_hosts, send_pings_as_time_passes_and_keep_clients_that_do) {
  kit::client ada = host.connect();

  host.advance(61s);

  EXPECT_EQ(ada.pings(), 4u);
  EXPECT_TRUE(ada.connected());
}

TEST_P(kit_hosts, give_silent_clients_up) {
  kit::client ada = host.connect();
  host.advance(20s);
  ada.send_pings_every(0s);

  host.advance(25s);
  EXPECT_TRUE(ada.connected());
  host.advance(6s);

  const kit::farewell told = ada.expect_closed();
  EXPECT_EQ(told.error, "Connection closed with an error.");
  EXPECT_TRUE(told.allow_reconnect);
  EXPECT_EQ(told.end, kit::wire_end::finished);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines.front().substr(0, 20), "left: client_timeout");
}

TEST_P(kit_hosts, let_time_pass_in_order) {
  kit::client ada = host.connect();
  kit::client ben = host.connect();
  auto late = ben.start<int>("Later", 30);
  auto early = ada.start<int>("Later", 20);

  host.advance(1h);

  EXPECT_EQ(lines, (journal{"slept 20", "slept 30"}));
}

TEST_P(kit_hosts, do_blocking_work_when_nothing_else_is_left) {
  kit::client ada = host.connect();
  kit::client ben = host.connect();

  EXPECT_EQ(ada.invoke<std::string>("ReadFile"), "content");

  EXPECT_EQ(lines, (journal{"asks the pool", "in the pool", "back"}));
}

TEST_P(kit_hosts, tell_hubs_how_clients_leave) {
  kit::client ada = host.connect();
  kit::client ben = host.connect();
  kit::client eve = host.connect();

  ada.disconnect();
  ben.disconnect(hubbub::close_cause::client_left);
  eve.disconnect({hubbub::close_cause::client_closed, "bored"});

  EXPECT_EQ(lines, (journal{"left: client_closed", "left: client_left", "left: client_closed bored"}));
  EXPECT_FALSE(ada.connected());
  EXPECT_EQ(ada.expect_closed().end, kit::wire_end::left);
  EXPECT_EQ(host.connections(), 0u);
}

TEST_P(kit_hosts, end_calls_of_who_leaves) {
  kit::client ada = host.connect();
  auto call = ada.start<int>("Later", 1000);

  ada.disconnect();

  EXPECT_EQ(text_of<kit::connection_error>([&] { std::ignore = call.get(); }),
            "the connection ended before Later completed: it left");
  EXPECT_TRUE(lines.front() == "left: client_closed") << lines.front();
}

TEST_P(kit_hosts, stop_like_a_server) {
  kit::client ada = host.connect();
  std::ignore = ada.start<int>("Later", 1'000'000);

  host.stop();

  EXPECT_TRUE(ada.expect_closed().allow_reconnect);
  EXPECT_EQ(lines, (journal{"left: server_stopping"}));
}

TEST_P(kit_hosts, have_contexts_and_run_tasks) {
  kit::client ada = host.connect();
  const auto hub = host.context<kit_hub>();

  hub.clients().all().send("Receive", 1);
  host.settle();
  EXPECT_EQ(ada.expect<int>("Receive"), 1);

  const auto work = [](hubbub::hub_context<kit_hub> of, std::string id) -> hubbub::task<int> {
    co_await of.groups().add(id, "red");
    of.clients().group("red").send("Receive", 2);
    co_return 3;
  };
  EXPECT_EQ(host.run(work(hub, ada.id())), 3);
  EXPECT_EQ(ada.expect<int>("Receive"), 2);
  const auto sleeper = []() -> hubbub::task<void> { co_await hubbub::sleep(1s); };
  EXPECT_THROW(host.run(sleeper()), kit::test_failure);
}

TEST_P(kit_hosts, wait_for_other_threads_when_asked_to) {
  kit::client ada = host.connect();
  const auto hub = host.context<kit_hub>();

  std::thread other([&] { hub.clients().all().send("Receive", 7); });

  EXPECT_TRUE(host.wait_for([&] { return !ada.events().empty(); }));
  other.join();
  EXPECT_EQ(ada.expect<int>("Receive"), 7);
  EXPECT_FALSE(host.wait_for([] { return false; }, 1ms));
}

TEST_P(kit_hosts, hold_clients_that_do_not_read) {
  settings.outbox_limit(10'000);
  kit::client ada = host.connect({.user_id = "ada"});
  kit::client ben = host.connect();
  ada.line().stop_reading();

  for (int i = 0; i < 5; ++i) ben.invoke("ToUser", "ada", std::string(1000, 'x'));
  ada.expect_nothing();
  EXPECT_GT(ada.line().waiting_bytes(), 5000u);
  ada.line().read_again();
  EXPECT_EQ(ada.events().size(), 5u);
  ada.forget_events();

  ada.line().stop_reading();
  for (int i = 0; i < 20; ++i) ben.invoke("ToUser", "ada", std::string(1000, 'x'));
  EXPECT_EQ(ada.expect_closed().end, kit::wire_end::dropped);
}

TEST_P(kit_hosts, have_lines_for_bytes) {
  kit::raw_client& line = host.arrive();

  line.say(
      "{\"protocol\":\"json\",\"version\":1}\x1e{\"type\":1,\"target\":\"Add\",\"arguments\":[1,2],\"invocationId\":"
      "\"x\"}\x1e");

  EXPECT_EQ(line.writes(), (texts{"{}\x1e", "{\"type\":3,\"invocationId\":\"x\",\"result\":3}\x1e"}));
  host.advance(15s);
  EXPECT_EQ(line.writes().back(), "{\"type\":6}\x1e");
  line.say("nonsense\x1e");
  EXPECT_EQ(line.ended(), kit::wire_end::finished);
}

TEST_P(kit_hosts, outlive_nobody_who_would_mind) {
  std::optional<kit::client> ada;
  {
    journal inner;
    kit::host short_lived({.protocol = GetParam()});
    short_lived.map<kit_hub>(std::ref(inner));
    ada = short_lived.connect({.user_id = "ada"});
    std::ignore = ada->start<int>("Later", 1'000'000);
  }

  EXPECT_THROW(ada->invoke("Nothing"), std::logic_error);
  EXPECT_THROW(std::ignore = ada->events(), std::logic_error);
}

class quiet_hub : public hubbub::hub<quiet_hub> {
 public:
  quiet_hub() = default;
  explicit quiet_hub(std::string name, int number = 0) : name_(std::move(name)), number_(number) {}
  std::string name() { return name_ + std::to_string(number_); }
  using methods = hubbub::methods<&quiet_hub::name>;

 private:
  std::string name_ = "none";
  int number_ = 0;
};

class named_hub : public hubbub::hub<named_hub> {
 public:
  explicit named_hub(std::string name) : name_(std::move(name)) {}
  std::string name() { return name_; }
  using methods = hubbub::methods<&named_hub::name>;

 private:
  std::string name_;
};

std::string name_of_first(kit::host& host) { return host.connect().invoke<std::string>("Name"); }

TEST(kit_mapping, takes_a_path_or_none_and_arguments) {
  kit::host no_path, path, arguments, both, only_argument;
  no_path.map<quiet_hub>();
  path.map<quiet_hub>("/quiet");
  arguments.map<quiet_hub>("/quiet", "x", 1);
  both.map<named_hub>("/named", "x");
  only_argument.map<named_hub>("x");

  EXPECT_EQ(name_of_first(no_path), "none0");
  EXPECT_EQ(name_of_first(path), "none0");
  EXPECT_EQ(name_of_first(arguments), "x1");
  EXPECT_EQ(name_of_first(both), "x");
  EXPECT_EQ(name_of_first(only_argument), "x");
}

TEST(kit_mapping, finds_hubs_by_type_and_by_path) {
  kit::host host;
  host.map<quiet_hub>("/quiet");
  host.map<named_hub>("/named", "n");

  EXPECT_EQ(host.connect<named_hub>().invoke<std::string>("Name"), "n");
  EXPECT_EQ(host.connect({.path = "/quiet"}).invoke<std::string>("Name"), "none0");
  EXPECT_THROW(std::ignore = host.connect(), std::invalid_argument);
  EXPECT_THROW(std::ignore = host.connect({.path = "/other"}), std::invalid_argument);
  EXPECT_THROW(std::ignore = host.connect<kit_hub>(), std::invalid_argument);
}

TEST(kit_mapping, is_over_when_clients_come) {
  kit::host host;
  host.map<quiet_hub>("/quiet");
  EXPECT_THROW(host.map<named_hub>("/quiet", "n"), std::invalid_argument);
  host.start();

  EXPECT_THROW(host.map<named_hub>("/named", "n"), std::logic_error);
}

TEST(kit_mapping, checks_settings_like_a_server) {
  kit::host host;
  host.map<quiet_hub>().max_message_size(1);

  EXPECT_NE(text_of<std::invalid_argument>([&] { std::ignore = host.connect(); }).find("max_message_size is 1"),
            std::string::npos);
}

TEST(kit_mapping, has_every_setting_of_a_hub) {
  kit::host host;
  kit::endpoint& hub = host.map<quiet_hub>();

  hub.name("n").max_message_size(100).handshake_timeout(1s).keep_alive_interval(2s).client_timeout(3s);
  hub.max_parallel_invocations(4).stream_capacity(5).upload_limit(6000).max_streams(7).detailed_errors();
  hub.outbox_limit(8000).keep_headers({"X"}).close_on_authentication_expiration();
  hub.protocols({hubbub::protocol_kind::messagepack});

  const hubbub::hub_settings& set = hub.settings();
  EXPECT_EQ(set.name, "n");
  EXPECT_EQ(set.max_message_size, 100u);
  EXPECT_EQ(set.handshake_timeout, 1s);
  EXPECT_EQ(set.keep_alive_interval, 2s);
  EXPECT_EQ(set.client_timeout, 3s);
  EXPECT_EQ(set.max_parallel_invocations, 4u);
  EXPECT_EQ(set.stream_capacity, 5u);
  EXPECT_EQ(set.upload_limit, 6000u);
  EXPECT_EQ(set.max_streams, 7u);
  EXPECT_TRUE(set.detailed_errors);
  EXPECT_EQ(set.outbox_limit, 8000u);
  EXPECT_EQ(set.kept_headers, (texts{"X"}));
  EXPECT_TRUE(set.close_on_authentication_expiration);
  EXPECT_EQ(set.protocols, (std::vector<hubbub::protocol_kind>{hubbub::protocol_kind::messagepack}));
}

}  // namespace
