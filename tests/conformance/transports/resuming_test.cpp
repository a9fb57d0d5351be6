// Stateful reconnect over real sockets, plain and with TLS: cut anywhere, resumed on any shard, ended when it must
// (transports.md 6.6, hub-protocol.md 10).
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hubbub/hub.hpp"
#include "resuming_client.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;
using nlohmann::json;

// What hub objects tell the test.
class journal {
 public:
  void note(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  [[nodiscard]] std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  // Waits for so many lines.
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, 30s, [&] { return lines_.size() >= count; })) << "of " << count << " lines";
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

class lasting_hub : public hub<lasting_hub> {
 public:
  explicit lasting_hub(journal& lines) : lines_(lines) {}
  void on_disconnected(const close_reason& why) { lines_.note("left: " + std::string(name_of(why.cause))); }

  std::string who_am_i() { return connection_id(); }
  std::string echo(std::string text) { return text; }
  int count_up() { return ++count_; }
  void note(std::string line) { lines_.note(std::move(line)); }
  task<void> pour(int times, int size) {
    for (int i = 0; i < times; ++i) {
      co_await clients().caller().send("Drop", i, std::string(static_cast<std::size_t>(size), 'x'));
    }
  }
  void flood(int times, int size) {
    for (int i = 0; i < times; ++i)
      clients().caller().send("Drop", i, std::string(static_cast<std::size_t>(size), 'x'));
  }
  task<int> sum(stream_reader<int> numbers) {
    int total = 0;
    while (auto number = co_await numbers.next()) total += *number;
    co_return total;
  }
  void bye() { abort(); }
  using methods =
      hubbub::methods<&lasting_hub::who_am_i, &lasting_hub::echo, &lasting_hub::count_up, &lasting_hub::note,
                      &lasting_hub::pour, &lasting_hub::flood, &lasting_hub::sum, &lasting_hub::bye>;

 private:
  journal& lines_;
  int count_ = 0;
};

struct resuming_cell {
  unsigned shards = 1;
  wire_form form = wire_form::json;
  bool tls = false;
  friend void PrintTo(const resuming_cell& what, std::ostream* out) {
    *out << what.shards << " shards, " << name_of(what.form) << (what.tls ? ", TLS" : "");
  }
};

class resuming : public testing::TestWithParam<resuming_cell> {
 protected:
  void make(server_options options) {
    made = std::make_unique<test_server>(std::move(options));
    if (GetParam().tls) made->use_tls();
  }
  test_server& start(server_options options = quick_options(GetParam().shards),
                     const std::function<void(hub_settings&)>& set = {}) {
    make(std::move(options));
    auto endpoint = make_hub_endpoint<lasting_hub>(made->core.host(), std::ref(lines));
    endpoint->settings().allow_stateful_reconnects = true;
    if (set) set(endpoint->settings());
    made->core.map_hub("/hub", endpoint);
    made->core.map_hub("/plain", make_hub_endpoint<lasting_hub>(made->core.host(), std::ref(lines)));
    return made->start();
  }
  // A connected client.
  resuming_client client(int receive_room = 0) {
    if (made == nullptr) start();
    resuming_client fresh(*made, GetParam().form, receive_room);
    fresh.shake_hands();
    return fresh;
  }
  static json result(const std::string& id, json value) {
    return {{"type", 3}, {"invocationId", id}, {"result", std::move(value)}};
  }

  journal lines;
  std::unique_ptr<test_server> made;
};
INSTANTIATE_TEST_SUITE_P(with, resuming,
                         testing::Values(resuming_cell{1, wire_form::json}, resuming_cell{1, wire_form::messagepack},
                                         resuming_cell{3, wire_form::json}, resuming_cell{3, wire_form::messagepack},
                                         resuming_cell{1, wire_form::json, true},
                                         resuming_cell{1, wire_form::messagepack, true},
                                         resuming_cell{3, wire_form::json, true},
                                         resuming_cell{3, wire_form::messagepack, true}));

TEST_P(resuming, is_offered_to_those_who_ask_where_it_is_allowed) {
  test_server& server = start();
  const auto offers = [&](const std::string& target) {
    const wire_answer got = server.client().ask("POST", target);
    EXPECT_EQ(got.status, 200);
    return got.body.find("useStatefulReconnect") != std::string::npos;
  };

  EXPECT_TRUE(offers("/hub/negotiate?negotiateVersion=1&useStatefulReconnect=true"));
  EXPECT_TRUE(offers("/hub/negotiate?useStatefulReconnect=True"));
  EXPECT_FALSE(offers("/hub/negotiate?negotiateVersion=1&useStatefulReconnect=1"));
  EXPECT_FALSE(offers("/hub/negotiate?negotiateVersion=1&useStatefulReconnect=false"));
  EXPECT_FALSE(offers("/hub/negotiate?negotiateVersion=1"));
  EXPECT_FALSE(offers("/plain/negotiate?negotiateVersion=1&useStatefulReconnect=true"));
}

TEST_P(resuming, keeps_the_hub_object_and_tells_it_nothing) {
  resuming_client one = client();
  one.call("CountUp", json::array(), "a");
  EXPECT_EQ(one.next(), result("a", 1));

  for (const bool hard : {true, false, true}) {
    one.cut(hard);
    one.resume();
  }
  one.call("CountUp", json::array(), "b");
  one.call("WhoAmI", json::array(), "c");

  EXPECT_EQ(one.next(), result("b", 2));
  EXPECT_EQ(one.next(), result("c", one.id()));
  EXPECT_EQ(one.sequences(), (std::vector<std::int64_t>{1})) << "nothing was acknowledged";
  EXPECT_TRUE(lines.lines().empty());
}

TEST_P(resuming, runs_calls_once_that_were_sent_twice) {
  resuming_client one = client();
  for (int i = 0; i < 5; ++i) one.call("Note", json::array({"call " + std::to_string(i)}));
  EXPECT_EQ(lines.wait_for(5).size(), 5u);

  one.cut();
  one.call("Note", json::array({"call 5"}));
  one.resume();
  one.call("Echo", json::array({"behind"}), "z");

  EXPECT_EQ(one.next(), result("z", "behind"));
  const std::vector<std::string> expected{"call 0", "call 1", "call 2", "call 3", "call 4", "call 5"};
  EXPECT_EQ(lines.lines(), expected);
}

TEST_P(resuming, forgets_half_a_message) {
  resuming_client one = client();
  const json call = {{"type", 1}, {"target", "Note"}, {"arguments", json::array({std::string(300, 'n')})}};
  const std::string bytes = one.in_bytes(call);
  one.call("Echo", json::array({"first"}), "a");
  EXPECT_EQ(one.next(), result("a", "first"));

  // Half of it in a whole frame, half of a frame, and a frame of which only the header came.
  one.socket().send_frame(one.opcode(), bytes.substr(0, bytes.size() / 2));
  one.cut();
  one.resume();
  const std::string frame = masked_frame(one.opcode(), bytes);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{3}, frame.size() / 2, frame.size() - 1}) {
    one.socket().send(frame.substr(0, cut));
    one.cut();
    one.resume();
  }
  if (GetParam().tls) {
    // A record that announces more than comes, so that nothing of it can be decrypted.
    ASSERT_TRUE(one.socket().try_send(std::string("\x17\x03\x03\x01\x00half", 9)));
    one.cut(false);
    one.resume();
  }
  one.say(call);
  one.call("Echo", json::array({"last"}), "b");

  EXPECT_EQ(one.next(), result("b", "last"));
  EXPECT_EQ(lines.lines(), (std::vector<std::string>{std::string(300, 'n')}));
}

TEST_P(resuming, loses_nothing_of_large_sends_wherever_they_are_cut) {
  start(quick_options(GetParam().shards), [](hub_settings& set) { set.stateful_reconnect_buffer_size = 50'000; });
  resuming_client one = client(4096);
  constexpr int drops = 400;
  one.call("Pour", json::array({drops, 5000}), "p");

  int got = 0;
  int cuts = 0;
  for (bool done = false; !done;) {
    // Not between frames as a rule: the rest of what had come is never looked at.
    const json message = one.next();
    ASSERT_FALSE(message.is_null());
    if (message["type"] == 3) {
      done = true;
      continue;
    }
    ASSERT_EQ(message["arguments"][0], got);
    ASSERT_EQ(message["arguments"][1].get_ref<const std::string&>().size(), 5000u);
    ++got;
    if (got % 3 == 0) one.acknowledge();
    if (got % 29 == 0) {
      one.socket().await_bytes();
      one.cut(got % 2 == 0);
      one.resume();
      ++cuts;
    }
  }

  EXPECT_EQ(got, drops);
  EXPECT_GT(cuts, 10);
  EXPECT_TRUE(lines.lines().empty());
}

TEST_P(resuming, goes_on_with_a_stream_to_the_server) {
  resuming_client one = client();
  one.say({{"type", 1},
           {"target", "Sum"},
           {"invocationId", "s"},
           {"arguments", json::array()},
           {"streamIds", json::array({"u"})}});
  for (int i = 1; i <= 50; ++i) {
    one.say({{"type", 2}, {"invocationId", "u"}, {"item", i}});
    if (i % 20 == 0) {
      one.cut();
      one.resume();
    }
  }
  one.say({{"type", 3}, {"invocationId", "u"}});
  EXPECT_EQ(one.next(), result("s", 1275));

  // Items of a stream that is over are sent again, and count.
  one.cut();
  one.resume();
  one.call("Echo", json::array({"counted"}), "e");
  EXPECT_EQ(one.next(), result("e", "counted"));
}

TEST_P(resuming, replaces_a_socket_that_seems_to_be_alive) {
  resuming_client one = client();
  one.call("Echo", json::array({"a"}), "a");
  EXPECT_EQ(one.next(), result("a", "a"));
  wire_client former = std::move(one.socket());

  one.resume();
  one.call("Echo", json::array({"b"}), "b");

  EXPECT_EQ(one.next(), result("b", "b"));
  EXPECT_TRUE(former.ends());
  EXPECT_TRUE(lines.lines().empty());
}

TEST_P(resuming, is_acknowledged_about_once_a_second) {
  resuming_client one = client();
  one.call("Note", json::array({"a"}));
  one.call("Note", json::array({"b"}));
  while (one.acknowledged() != 2) {
    const wire_frame frame = one.socket().frame();
    ASSERT_TRUE(frame.opcode == 1 || frame.opcode == 2);
    std::string bytes = frame.payload;
    const auto message = take_message(bytes, GetParam().form);
    ASSERT_TRUE(message);
    EXPECT_EQ(*message, (json{{"type", 8}, {"sequenceId", 2}}));
    break;
  }
}

TEST_P(resuming, ends_with_a_close_frame) {
  resuming_client one = client();
  one.socket().send_close(1000);
  EXPECT_EQ(one.socket().frame().close_code(), 1000);

  EXPECT_EQ(lines.wait_for(1), (std::vector<std::string>{"left: client_closed"}));
  EXPECT_EQ(one.status_of_resuming(), 404);
}

TEST_P(resuming, ends_with_the_hubs_goodbye_and_with_the_clients) {
  resuming_client first = client();
  first.call("Bye", json::array());
  EXPECT_TRUE(first.next().is_null());
  EXPECT_EQ(first.closed(), (json{{"type", 7}}));
  EXPECT_EQ(first.status_of_resuming(), 409) << "its old socket waits for the client's close frame";
  first.cut();
  EXPECT_EQ(lines.wait_for(1).size(), 1u);

  resuming_client second = client();
  second.say_aside({{"type", 7}});
  second.cut(false);
  EXPECT_EQ(lines.wait_for(2), (std::vector<std::string>{"left: aborted", "left: client_closed"}));
  EXPECT_EQ(second.status_of_resuming(), 404);
}

TEST_P(resuming, is_not_for_handshakes_of_the_first_version) {
  start();
  resuming_client one(*made, GetParam().form);
  one.shake_hands(1);
  EXPECT_EQ(one.status_of_resuming(), 409);

  one.cut();

  EXPECT_EQ(lines.wait_for(1), (std::vector<std::string>{"left: client_left"}));
  EXPECT_EQ(one.status_of_resuming(), 404);
}

TEST_P(resuming, is_not_for_clients_that_have_not_shaken_hands) {
  start();
  resuming_client one(*made, GetParam().form);

  EXPECT_EQ(one.status_of_resuming(), 409);
}

TEST_P(resuming, is_given_up_after_disconnect_timeout) {
  server_options options = quick_options(GetParam().shards);
  options.disconnect_timeout = 1ms;
  start(std::move(options));
  resuming_client one = client();

  one.cut();

  EXPECT_EQ(lines.wait_for(1), (std::vector<std::string>{"left: client_left"}));
  EXPECT_EQ(one.status_of_resuming(), 404);
}

TEST_P(resuming, does_not_hold_up_a_stop) {
  resuming_client one = client();
  one.cut();
  resuming_client two = client();
  const auto begun = std::chrono::steady_clock::now();
  two.cut(false);

  made->stop();

  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s) << "drain_timeout is 20 s";
  EXPECT_EQ(lines.lines().size(), 2u);
  EXPECT_EQ(made->core.whole().sockets.open.load(), 0u);
  EXPECT_EQ(made->core.whole().pending.detached.load(), 0u);
}

TEST_P(resuming, is_for_WebSockets_only) {
  resuming_client one = client();
  one.cut();

  EXPECT_EQ(made->client().ask("GET", one.target()).status, 400);
  EXPECT_EQ(made->client().ask("GET", one.target(), "Accept: text/event-stream\r\n").status, 400);
  EXPECT_EQ(made->client().ask("DELETE", one.target()).status, 400);
  wire_client posting = made->client();
  posting.send(post_request(one.target(), "x"));
  EXPECT_EQ(posting.answer().status, 405);
  wire_client elsewhere = made->client();
  EXPECT_EQ(elsewhere.upgrade("/plain?id=" + one.token()).status, 404);

  one.resume();
  one.call("Echo", json::array({"all the same"}), "a");
  EXPECT_EQ(one.next(), result("a", "all the same"));
}

TEST_P(resuming, ends_over_a_gap) {
  resuming_client one = client();
  one.call("Echo", json::array({"a"}), "a");
  EXPECT_EQ(one.next(), result("a", "a"));

  one.say_aside({{"type", 9}, {"sequenceId", 3}});

  EXPECT_TRUE(one.next().is_null());
  EXPECT_EQ(one.closed()["error"], "Connection closed with an error.");
  EXPECT_EQ(one.closed()["allowReconnect"], true);
  EXPECT_EQ(lines.wait_for(1), (std::vector<std::string>{"left: protocol_error"}));
}

TEST_P(resuming, survives_acks_of_what_was_never_sent) {
  resuming_client one = client();
  for (const std::int64_t number :
       {std::int64_t{1}, std::int64_t{1000}, INT64_MAX, std::int64_t{0}, std::int64_t{-1}}) {
    one.say_aside({{"type", 8}, {"sequenceId", number}});
  }
  one.call("Flood", json::array({3, 10}), "f");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(one.next()["arguments"][0], i);
  EXPECT_EQ(one.next()["type"], 3);
  one.cut();
  one.resume();
  one.call("Echo", json::array({"still"}), "e");

  EXPECT_EQ(one.next(), result("e", "still"));
  EXPECT_EQ(one.sequences().back(), 1);
}

TEST_P(resuming, survives_a_flood_of_resumes) {
  resuming_client one = client();
  one.call("Flood", json::array({20, 1000}), "f");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(one.next()["arguments"][0], i);
  EXPECT_EQ(one.next()["type"], 3);

  for (int i = 0; i < 200; ++i) {
    wire_client another = made->client();
    another.send(upgrade_request(one.target()));
    // A session ticket that nobody read makes the end of a TLS socket a reset, which can destroy the request before it.
    if (i % 3 != 0 && !GetParam().tls) continue;
    // One that was sent before it may arrive later and replace it at once.
    const int status = another.answer().status;
    EXPECT_TRUE(status == 101 || status == 0) << status;
  }
  // All of them have been served: none comes late and replaces the one that stays.
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  const auto resumed = [&] { return made->core.metrics().hub("LastingHub")->resumed; };
  while (resumed() < 200 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  ASSERT_EQ(resumed(), 200u);
  one.resume();
  one.call("Echo", json::array({"still"}), "e");

  EXPECT_EQ(one.next(), result("e", "still"));
  EXPECT_TRUE(lines.lines().empty());
  const auto counted = made->core.metrics();
  EXPECT_EQ(counted.hub("LastingHub")->resumed, 201u);
  EXPECT_EQ(counted.hub("LastingHub")->connected(), 1u);
}

TEST_P(resuming, ends_a_client_for_whom_too_much_was_queued) {
  start(quick_options(GetParam().shards), [](hub_settings& set) { set.outbox_limit = 50'000; });
  resuming_client one = client();
  one.call("Echo", json::array({"a"}), "a");
  EXPECT_EQ(one.next(), result("a", "a"));
  one.socket().send_frame(one.opcode(),
                          one.in_bytes({{"type", 1}, {"target", "Note"}, {"arguments", {"cut"}}}) +
                              one.in_bytes({{"type", 1}, {"target", "Pour"}, {"arguments", {200, 1000}}}));
  EXPECT_EQ(lines.wait_for(1), (std::vector<std::string>{"cut"}));
  one.cut();
  // The pouring method waits for its client; others do not.
  auto context = make_hub_context<lasting_hub>(made->core.host());
  for (int i = 0; i < 100; ++i) context.clients().client(one.id()).send("Drop", i, std::string(1000, 'x'));

  EXPECT_EQ(lines.wait_for(2).back(), "left: outbox_full");
  EXPECT_EQ(one.status_of_resuming(), 404);
}

TEST_P(resuming, is_limited_to_as_many_as_may_be_pending) {
  server_options options = quick_options(GetParam().shards);
  options.max_pending_connections = 1;
  start(std::move(options));
  resuming_client one = client();
  resuming_client two = client();
  one.cut();
  while (made->core.whole().pending.detached.load() != 1) std::this_thread::yield();

  two.cut();

  EXPECT_EQ(lines.wait_for(1), (std::vector<std::string>{"left: client_left"}));
  one.resume();
  one.call("Echo", json::array({"a"}), "a");
  EXPECT_EQ(one.next(), result("a", "a"));
}

TEST_P(resuming, has_no_limit_where_that_is_0) {
  server_options options = quick_options(GetParam().shards);
  options.max_pending_connections = 0;
  start(std::move(options));
  resuming_client one = client();
  resuming_client two = client();
  one.cut();
  two.cut();
  while (made->core.whole().pending.detached.load() != 2) std::this_thread::yield();

  two.resume();
  two.call("Echo", json::array({"a"}), "a");
  EXPECT_EQ(two.next(), result("a", "a"));
}

// The hub's user stays who connected.
TEST_P(resuming, tells_or_refuses_another_user) {
  make(quick_options(GetParam().shards));
  auto endpoint = make_hub_endpoint<lasting_hub>(made->core.host(), std::ref(lines));
  endpoint->settings().allow_stateful_reconnects = true;
  made->core.map_hub("/hub", endpoint);
  made->core.whole().authenticate = plain_authentication([](const request& asked) {
    if (asked.query("who") == "nobody") return auth_result::challenge();
    return auth_result::user(principal({{"sub", asked.query("who").value_or("me")}}));
  });
  made->core.whole().hubs.back()->changed_user = user_change::refuse;
  made->start();
  resuming_client one = client();
  one.cut();

  EXPECT_EQ(one.status_of_resuming("&who=you"), 403);
  EXPECT_EQ(one.status_of_resuming("&who=nobody"), 401);
  one.resume("&who=me");
  one.call("Echo", json::array({"a"}), "a");

  EXPECT_EQ(one.next(), result("a", "a"));
}

}  // namespace
}  // namespace hubbub_test
