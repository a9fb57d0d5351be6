// on_connected and on_disconnected: what they see, what follows when they fail, and that each runs exactly once.
#include "hubbub/hub.hpp"
#include "suite.hpp"

namespace {

using namespace hub_story;
using hubbub::record_separator;

class life : public suite {
 protected:
  client& arrive(const std::string& query) {
    client& one = on().arrive({.target = "/story?" + query});
    one.say(std::string(R"({"protocol":"json","version":1})") + record_separator);
    return one;
  }
  // What came behind the answer to the handshake.
  static std::vector<json> after_handshake(client& one) {
    std::vector<json> all = one.news();
    EXPECT_FALSE(all.empty());
    EXPECT_EQ(all.front(), json::object());
    all.erase(all.begin());
    return all;
  }
  long noted(const std::string& line) { return on().about.count(line); }
};
HUB_STORY_CELLS(life);

TEST_P(life, a_connection_has_one_beginning_and_one_end) {
  client& one = on().connect();
  std::ignore = one.result("Nothing");
  one.leave();
  on().wait([&] { return on().about.count_locked("disconnected to the end") == 1; }, "on_disconnected");
  one.leave();
  on().settle();

  EXPECT_EQ(noted("connected " + one.id()), 1);
  EXPECT_EQ(noted("disconnected " + one.id()), 1);
  EXPECT_EQ(noted("because client_left"), 1);
  EXPECT_EQ(on().busy(), 0u);
}

TEST_P(life, on_connected_that_throws_closes_with_the_error_and_has_no_counterpart) {
  client& one = arrive("connected=throw");

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(after_handshake(one), (std::vector<json>{{{"type", 7}, {"error", "Connection closed with an error."}}}));
  EXPECT_EQ(noted("disconnected " + one.id()), 0);
  EXPECT_EQ(on().log->count("secret of on_connected"), 1u);
}

TEST_P(life, on_connected_that_throws_a_hub_error_shows_its_text) {
  client& one = arrive("connected=refuse");

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(after_handshake(one),
            (std::vector<json>{{{"type", 7}, {"error", "Connection closed with an error. HubException: not today"}}}));
}

TEST_P(life, a_constructor_that_throws_is_on_connected_that_throws) {
  client& one = arrive("constructor=throw");

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(after_handshake(one), (std::vector<json>{{{"type", 7}, {"error", "Connection closed with an error."}}}));
  EXPECT_TRUE(on().about.journal().empty());
}

TEST_P(life, the_constructor_and_on_connected_may_send_to_the_caller) {
  client& one = arrive("constructor=send&connected=send");
  on().wait([&] { return on().about.count_locked("connected " + one.id()) == 1; }, "on_connected");

  EXPECT_EQ(after_handshake(one), (std::vector<json>{receive("from the constructor"), receive("welcome")}));
}

TEST_P(life, no_message_is_read_until_on_connected_has_returned) {
  client& one = arrive("connected=wait");
  one.ping();
  const std::string early = one.begin("Echo", {"early"});
  EXPECT_FALSE(one.has_completion(early));
  EXPECT_EQ(noted("connected " + one.id()), 0);

  on().about.open("on_connected");

  EXPECT_EQ(one.completion_of(early), completion(early, "early"));
}

TEST_P(life, broadcasts_arrive_while_on_connected_runs) {
  client& other = on().connect();
  client& one = arrive("connected=wait");
  on().wait([&] { return on().about.waiting_locked("on_connected") == 1; }, "on_connected");

  std::ignore = other.result("Broadcast", {"hello"});

  EXPECT_EQ(after_handshake(one), (std::vector<json>{receive("hello")}));
}

TEST_P(life, a_client_that_leaves_while_on_connected_runs_is_told_off_once_that_has_returned) {
  client& one = arrive("connected=wait");
  on().wait([&] { return on().about.waiting_locked("on_connected") == 1; }, "on_connected");

  one.leave();
  on().settle();
  EXPECT_EQ(noted("disconnected " + one.id()), 0);
  on().about.open("on_connected");
  on().wait([&] { return on().about.count_locked("disconnected to the end") == 1; }, "on_disconnected");

  EXPECT_EQ(noted("connected " + one.id()), 1);
  EXPECT_EQ(noted("disconnected " + one.id()), 1);
}

TEST_P(life, on_connected_that_is_cancelled_by_the_clients_leaving_has_no_counterpart) {
  client& one = arrive("connected=sleep");
  on().settle();
  one.leave();
  on().settle();

  EXPECT_EQ(noted("connected " + one.id()), 0);
  EXPECT_EQ(noted("disconnected " + one.id()), 0);
  on().wait([&] { return on().about.hubs_alive.load() == 0; }, "the end of the hub object");
}

TEST_P(life, on_connected_may_abort) {
  client& one = arrive("connected=abort");

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(after_handshake(one), (std::vector<json>{closed()}));
  on().wait([&] { return on().about.count_locked("disconnected to the end") == 1; }, "on_disconnected");
  EXPECT_EQ(noted("because aborted"), 1);
  EXPECT_EQ(noted("disconnected " + one.id()), 1);
}

TEST_P(life, on_connected_may_join_groups) {
  client& one = arrive("connected=join");
  on().wait([&] { return on().about.count_locked("connected " + one.id()) == 1; }, "on_connected");
  client& other = on().connect();

  std::ignore = other.result("SendGroup", {"early", "hello"});

  EXPECT_EQ(after_handshake(one), (std::vector<json>{receive("hello")}));
}

TEST_P(life, on_disconnected_may_send_to_others_and_its_groups_still_stand) {
  client& one = arrive("connected=join");
  client& other = on().connect({.target = "/story?connected=join"});
  on().wait([&] { return on().about.count_locked("connected " + one.id()) == 1; }, "on_connected");

  one.leave();
  on().wait([&] { return on().about.count_locked("disconnected to the end") == 1; }, "on_disconnected");

  EXPECT_EQ(other.received_texts(), (std::vector<std::string>{"gone " + one.id(), "left " + one.id()}));
}

TEST_P(life, on_disconnected_that_throws_is_logged_and_ends_the_transport_as_failed) {
  client& one = on().connect({.target = "/story?disconnected=throw"});

  one.say_message(closed());

  EXPECT_EQ(one.wait_for_end(), end::failed);
  EXPECT_EQ(on().log->count("on_disconnected threw std::runtime_error: secret of on_disconnected"), 1u);
  EXPECT_EQ(one.news(), (std::vector<json>{closed()}));
}

TEST_P(life, on_disconnected_may_take_its_time_and_the_transport_waits) {
  client& one = on().connect({.target = "/story?disconnected=wait"});
  one.say_message(closed());
  on().wait([&] { return on().about.waiting_locked("on_disconnected") == 1; }, "on_disconnected");
  EXPECT_EQ(on().busy(), 1u);
  EXPECT_EQ(on().about.hubs_alive.load(), 1);

  on().about.open("on_disconnected");

  EXPECT_EQ(one.wait_for_end(), end::finished);
}

TEST_P(life, the_hub_object_dies_with_its_last_method) {
  client& one = on().connect({.target = "/story?user=ada"});
  one.begin("MyUserAt", {"a"});
  on().wait([&] { return on().about.waiting_locked("a") == 1; }, "the method");
  one.leave();
  on().wait([&] { return on().about.count_locked("disconnected to the end") == 1; }, "on_disconnected");
  EXPECT_EQ(on().about.hubs_alive.load(), 1);
  EXPECT_EQ(on().busy(), 1u);

  on().about.open("a");
  on().wait([&] { return on().about.hubs_alive.load() == 0; }, "the end of the hub object");

  EXPECT_EQ(noted("user ada of /story"), 1);  // it still knows whose it was
}

// Without hooks, and with hooks that are plain functions.
class bare_hub : public hubbub::hub<bare_hub> {
 public:
  explicit bare_hub(world&) {}
  int one() const { return 1; }
  using methods = hubbub::methods<&bare_hub::one>;
};

class plain_hub : public hubbub::hub<plain_hub> {
 public:
  explicit plain_hub(world& about) : about_(about) {
    if (request().query("do") == "abort in constructor") abort();
  }
  void on_connected() {
    const auto what = request().query("do");
    if (what == "throw") throw hubbub::hub_error("plainly no");
    if (what == "abort") abort();
    about_.note("connected");
  }
  hubbub::task<void> on_disconnected(const hubbub::close_reason& why) {
    about_.note("disconnected " + std::string(name_of(why.cause)));
    co_await about_.gate("plain end");
    about_.note("ended");
  }
  int one() const { return 1; }
  using methods = hubbub::methods<&plain_hub::one>;

 private:
  world& about_;
};

TEST_P(life, hubs_need_no_hooks) {
  set_up_with<bare_hub>();
  client& one = on().connect();

  EXPECT_EQ(one.result("One"), 1);
  one.say_message(closed());
  EXPECT_EQ(one.wait_for_end(), end::finished);
}

TEST_P(life, hooks_may_be_plain_functions) {
  set_up_with<plain_hub>();
  client& one = on().connect();
  EXPECT_EQ(one.result("One"), 1);
  client& refused = arrive("do=throw");
  EXPECT_EQ(refused.wait_for_end(), end::finished);
  EXPECT_EQ(after_handshake(refused).back()["error"], "Connection closed with an error. HubException: plainly no");

  one.leave();
  on().wait([&] { return on().about.waiting_locked("plain end") == 1; }, "on_disconnected");

  EXPECT_EQ(on().about.journal(), (std::vector<std::string>{"connected", "disconnected client_left"}));
}

TEST_P(life, aborting_in_a_plain_hook_ends_in_on_disconnected_once_and_waits_for_it) {
  set_up_with<plain_hub>();
  client& one = arrive("do=abort");
  on().wait([&] { return on().about.waiting_locked("plain end") == 1; }, "on_disconnected");
  on().settle();
  EXPECT_EQ(on().busy(), 1u);

  on().about.open("plain end");

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(after_handshake(one), (std::vector<json>{closed()}));
  EXPECT_EQ(on().about.journal(), (std::vector<std::string>{"connected", "disconnected aborted", "ended"}));
}

TEST_P(life, aborting_in_the_constructor_ends_in_on_disconnected_once) {
  set_up_with<plain_hub>();
  on().about.open("plain end");
  client& one = arrive("do=abort%20in%20constructor");

  EXPECT_EQ(one.wait_for_end(), end::finished);

  EXPECT_EQ(on().about.journal(), (std::vector<std::string>{"connected", "disconnected aborted", "ended"}));
}

}  // namespace
