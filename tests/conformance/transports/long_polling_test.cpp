// Polls that come, go, are replaced and aborted (transports.md 8 to 10, decision 34); with one shard and with three.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "carried_client.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

class long_polling : public testing::TestWithParam<unsigned> {
 protected:
  explicit long_polling(echo_handler::receive on_bytes = {}, server_options (*options)(unsigned) = &quick_options)
      : server(options(GetParam()), std::make_shared<echo_handler>(connection_limits{}, std::move(on_bytes))) {}
  void begin() {
    server.start();
    token = negotiated(server);
    target = "/echo?id=" + token;
    ASSERT_EQ(server.client().ask("GET", target).status, 200);
  }
  wire_answer post(std::string_view body) {
    wire_client poster = server.client();
    poster.send(post_request(target, body));
    return poster.answer();
  }
  wire_client poll() {
    wire_client socket = server.client();
    socket.send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return socket;
  }
  [[nodiscard]] hub_mapping& mapping() { return *server.core.whole().hubs.front(); }

  test_server server;
  std::string token;
  std::string target;
};

TEST_P(long_polling, the_first_poll_is_answered_at_once_and_empty) {
  server.start();
  token = negotiated(server);

  const wire_answer first = server.client().ask("GET", "/echo?id=" + token);

  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "");
  EXPECT_EQ(first.header("Content-Type"), "application/octet-stream");
  EXPECT_EQ(first.header("Content-Length"), "0");
  EXPECT_EQ(first.header("Cache-Control"), "no-cache, no-store");
  EXPECT_EQ(first.header("Pragma"), "no-cache");
  EXPECT_EQ(first.header("Expires"), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_P(long_polling, a_poll_gets_all_that_waits) {
  begin();
  ASSERT_EQ(post("one").status, 200);
  ASSERT_EQ(post("two").status, 200);

  const wire_answer got = poll().answer();

  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("Content-Type"), "application/octet-stream");
  EXPECT_EQ(got.body, "onetwo");
}

TEST_P(long_polling, a_poll_waits_for_data) {
  begin();
  wire_client waiting = poll();
  server.await_open_poll(token);

  ASSERT_EQ(post("late").status, 200);

  EXPECT_EQ(waiting.answer().body, "late");
}

TEST_P(long_polling, data_that_comes_while_an_answer_is_written_follows_with_the_next_poll) {
  begin();
  std::string expected;
  std::string got;
  wire_client poster = server.client();
  for (int i = 0; i < 300; ++i) {
    const std::string one = std::to_string(i) + ",";
    wire_client waiting = poll();
    poster.send(post_request(target, one) + post_request(target, one));
    expected += one + one;
    got += waiting.answer().body;
    ASSERT_EQ(poster.answer().status, 200);
    ASSERT_EQ(poster.answer().status, 200);
  }
  while (got.size() < expected.size()) got += poll().answer().body;

  EXPECT_EQ(got, expected);
}

TEST_P(long_polling, a_poll_without_data_ends_empty_after_its_time) {
  mapping().poll_timeout = 1ms;
  begin();

  const wire_answer got = poll().answer();

  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("Content-Type"), "text/plain");
  EXPECT_EQ(got.header("Content-Length"), "0");
  EXPECT_EQ(got.header("Cache-Control"), "no-cache, no-store");
}

TEST_P(long_polling, a_newer_poll_replaces_the_older) {
  begin();
  std::vector<wire_client> polls;
  polls.push_back(poll());
  server.await_open_poll(token);
  for (unsigned i = 0; i < 2 * GetParam(); ++i) {
    polls.push_back(poll());
    EXPECT_EQ(polls[i].answer().status, 204);  // so the next one has come
  }
  wire_client& newest = polls.back();

  ASSERT_EQ(post("for the newest").status, 200);

  EXPECT_EQ(newest.answer().body, "for the newest");
}

TEST_P(long_polling, an_aborted_poll_loses_nothing) {
  begin();
  for (int i = 0; i < 20; ++i) {
    wire_client aborted = poll();
    // Most polls have come by then; what is promised holds either way.
    if (i % 2 == 0) {
      ASSERT_EQ(post("").status, 200);
    }
    aborted.close(i % 3 == 0);
    ASSERT_EQ(post(std::to_string(i) + ",").status, 200);
  }

  ASSERT_EQ(post("20,").status, 200);

  std::string got;
  while (got.find("20,") == std::string::npos) got += poll().answer().body;

  // What was wholly written to a socket that was being closed may be gone; what came is in order, each once.
  std::size_t at = 0;
  for (int i = 0; i <= 20; ++i) {
    const std::string one = std::to_string(i) + ",";
    if (got.compare(at, one.size(), one) == 0) at += one.size();
  }
  EXPECT_EQ(at, got.size()) << got;
}

server_options with_large_bodies(unsigned shards) {
  server_options options = quick_options(shards);
  options.max_request_body = 32 * 1024 * 1024;
  return options;
}
class with_large_answers : public long_polling {
 protected:
  with_large_answers() : long_polling({}, &with_large_bodies) {}
};

TEST_P(with_large_answers, one_that_could_not_be_written_comes_again) {
  begin();
  const std::string large(16'000'000, 'x');            // more than any socket's buffer
  wire_client deaf(server.port(), "127.0.0.1", 4096);  // takes a part of the answer, then breaks off
  ASSERT_EQ(post(large).status, 200);
  deaf.send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
  deaf.await_bytes();  // its poll has come, and its answer is being written
  deaf.close(true);

  std::string got;
  while (got.size() < large.size()) {
    const wire_answer next = poll().answer();
    if (next.status != 200) break;
    got += next.body;
  }

  EXPECT_TRUE(got == large) << got.size() << " bytes";
}

server_options with_little_patience_for_readers(unsigned shards) {
  server_options options = with_large_bodies(shards);
  options.send_timeout = 200ms;
  return options;
}
class with_deaf_clients : public long_polling {
 protected:
  with_deaf_clients() : long_polling({}, &with_little_patience_for_readers) {}
};

TEST_P(with_deaf_clients, an_answer_that_nobody_reads_ends_the_connection) {
  begin();
  ASSERT_EQ(post(std::string(16'000'000, 'x')).status, 200);  // more than any socket's buffer
  wire_client deaf(server.port(), "127.0.0.1", 4096);
  deaf.send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");

  EXPECT_EQ(server.echo->next_end().cause, close_cause::send_timeout);

  EXPECT_EQ(poll().answer().status, 404);
}

TEST_P(long_polling, delete_says_goodbye_to_the_open_poll) {
  begin();
  wire_client open = poll();
  server.await_open_poll(token);

  const wire_answer removed = server.client().ask("DELETE", target);

  EXPECT_EQ(removed.status, 202);
  EXPECT_EQ(removed.header("Content-Type"), "text/plain");
  EXPECT_EQ(removed.body, "");
  EXPECT_EQ(open.answer().body, "goodbye");
  EXPECT_EQ(poll().answer().status, 404);
  EXPECT_EQ(post("late").status, 404);
  EXPECT_EQ(server.client().ask("DELETE", target).status, 404);
  EXPECT_EQ(server.echo->next_end().cause, close_cause::client_closed);
}

TEST_P(long_polling, delete_ends_a_connection_that_nobody_polls) {
  begin();

  EXPECT_EQ(server.client().ask("DELETE", target).status, 202);

  EXPECT_EQ(server.echo->next_end().cause, close_cause::client_closed);
  EXPECT_EQ(poll().answer().status, 404);
}

TEST_P(long_polling, a_stop_waits_for_the_poll_that_follows_the_goodbye) {
  begin();
  wire_client client = poll();
  server.await_open_poll(token);

  server.core.stop();

  const wire_answer goodbye = client.answer();
  EXPECT_EQ(goodbye.body, "goodbye");
  EXPECT_EQ(goodbye.header("Connection"), std::nullopt);
  const wire_answer end = client.ask("GET", target);
  EXPECT_EQ(end.status, 204);
  EXPECT_EQ(end.header("Connection"), "close");
  server.core.wait();
}

// A client that has just read an answer is between two polls: its socket is idle and yet about to be used.
TEST_P(long_polling, a_stop_between_two_polls_waits_for_the_next) {
  begin();
  ASSERT_EQ(post("one").status, 200);
  wire_client client = poll();
  ASSERT_EQ(client.answer().body, "one");
  std::vector<wire_client> told;  // one for every shard: they hear of the stop
  for (unsigned i = 0; i < GetParam(); ++i) told.push_back(server.websocket());

  server.core.stop();
  for (wire_client& one : told) {
    EXPECT_EQ(one.frame().payload, "goodbye");
    one.close();
  }

  EXPECT_EQ(client.ask("GET", target).body, "goodbye");
  EXPECT_EQ(client.ask("GET", target).status, 204);
  server.core.wait();
}

TEST_P(long_polling, a_stop_waits_for_no_poll_of_a_client_that_took_its_leave) {
  begin();
  wire_client client = server.client();
  ASSERT_EQ(post("one").status, 200);
  ASSERT_EQ(client.ask("GET", target).body, "one");
  ASSERT_EQ(client.ask("DELETE", target).status, 202);

  server.core.stop();

  EXPECT_TRUE(client.ends());
  server.core.wait();
}

TEST_P(long_polling, works_with_the_id_of_version_0) {
  server.start();
  target = "/echo?id=" + negotiated(server, 0);
  ASSERT_EQ(poll().answer().status, 200);

  ASSERT_EQ(post("zero").status, 200);

  EXPECT_EQ(poll().answer().body, "zero");
}

TEST_P(long_polling, what_follows_a_waiting_poll_on_its_socket_is_served_after_it) {
  begin();
  wire_client eager = server.client();
  eager.send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\nGET /none HTTP/1.1\r\nHost: test\r\n\r\n");
  server.await_open_poll(token);

  ASSERT_EQ(post("first").status, 200);

  EXPECT_EQ(eager.answer().body, "first");
  EXPECT_EQ(eager.answer().status, 404);
}

TEST_P(long_polling, posts_behind_one_another_are_taken_in_order) {
  begin();
  wire_client poster = server.client();
  std::string all;
  for (int i = 0; i < 50; ++i) all += post_request(target, std::to_string(i) + ",");

  poster.send(all);

  std::string expected;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(poster.answer().status, 200);
    expected += std::to_string(i) + ",";
  }
  EXPECT_EQ(poll().answer().body, expected);
}

TEST_P(long_polling, posts_before_the_first_poll_have_64_kib_of_room) {
  server.start();
  target = "/echo?id=" + negotiated(server);
  const std::string half(32 * 1024, 'h');
  EXPECT_EQ(post(half).status, 200);
  EXPECT_EQ(post(half).status, 200);
  wire_client third = server.client();
  third.send(post_request(target, "more"));

  ASSERT_EQ(poll().answer().status, 200);

  EXPECT_EQ(third.answer().status, 200);
  EXPECT_EQ(poll().answer().body, half + half + "more");
}

// A hub that takes one message, wants no more, and goes on when the test says so.
struct gate {
  std::mutex mutex;
  std::condition_variable changed;
  connection_ref closed;
  void open() {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 30s, [this] { return static_cast<bool>(closed); });
    connection* who = closed.get();
    who->home().post([this, who] {
      who->resume_input();
      const std::lock_guard taken(mutex);
      closed = connection_ref();
    });
  }
};

class with_a_gate : public long_polling {
 protected:
  explicit with_a_gate(std::shared_ptr<gate> made = std::make_shared<gate>())
      : long_polling([made](connection& who, bytes_view received) {
          who.send_copy(received);
          if (received != "stop") return;
          who.pause_input();
          const std::lock_guard taken(made->mutex);
          made->closed = connection_ref(&who);
          made->changed.notify_all();
        }),
        hub(std::move(made)) {}
  std::shared_ptr<gate> hub;
};

TEST_P(with_a_gate, a_post_waits_until_the_hub_takes_more) {
  begin();
  wire_client first = server.client();
  first.send(post_request(target, "stop"));
  EXPECT_EQ(poll().answer().body, "stop");
  wire_client second = server.client();
  second.send(post_request(target, "next"));

  hub->open();

  EXPECT_EQ(first.answer().status, 200);
  EXPECT_EQ(second.answer().status, 200);
  EXPECT_EQ(poll().answer().body, "next");
}

TEST_P(with_a_gate, a_client_that_leaves_while_its_post_waits_stays_connected) {
  begin();
  wire_client first = server.client();
  first.send(post_request(target, "stop"));
  EXPECT_EQ(poll().answer().body, "stop");
  wire_client second = server.client();
  second.send(post_request(target, "next"));
  second.close(true);

  hub->open();

  EXPECT_EQ(first.answer().status, 200);
  ASSERT_EQ(post("more").status, 200);
  std::string got;
  while (got.find("more") == std::string::npos) {
    const wire_answer answer = poll().answer();
    ASSERT_EQ(answer.status, 200);
    got += answer.body;
  }
}

TEST_P(with_a_gate, posts_that_wait_are_answered_when_the_connection_ends) {
  begin();
  wire_client first = server.client();
  first.send(post_request(target, "stop"));
  EXPECT_EQ(poll().answer().body, "stop");
  wire_client second = server.client();
  second.send(post_request(target, "next"));

  EXPECT_EQ(server.client().ask("DELETE", target).status, 202);

  EXPECT_EQ(first.answer().status, 404);
  EXPECT_EQ(second.answer().status, 404);
  const std::lock_guard taken(hub->mutex);
  connection_ref last = std::exchange(hub->closed, connection_ref());
  shard& home = last->home();
  home.post([last = std::move(last)] {});  // it dies at home
}

TEST_P(long_polling, another_user_is_refused_where_that_is_wanted) {
  mapping().changed_user = user_change::refuse;
  server.core.whole().authenticate = plain_authentication([](const request& asked) {
    return auth_result::user(principal({{"sub", asked.query("who").value_or("me")}}));
  });
  begin();

  EXPECT_EQ(server.client().ask("GET", target + "&who=you").status, 403);
  ASSERT_EQ(post("mine").status, 200);
  EXPECT_EQ(poll().answer().body, "mine");
}

TEST_P(long_polling, may_be_switched_off) {
  mapping().transports.long_polling = false;
  server.start();

  const wire_answer got = server.client().ask("GET", "/echo?id=" + negotiated(server));

  EXPECT_EQ(got.status, 404);
  EXPECT_EQ(got.body, "LongPolling transport not supported by this end point type");
}

server_options impatient(unsigned shards) {
  server_options options = quick_options(shards);
  options.disconnect_timeout = 1ms;
  return options;
}
class with_impatience : public long_polling {
 protected:
  with_impatience() : long_polling({}, &impatient) {}
};

TEST_P(with_impatience, a_connection_without_polls_is_over) {
  begin();

  EXPECT_EQ(server.echo->next_end().cause, close_cause::client_left);

  EXPECT_EQ(poll().answer().status, 404);
}

INSTANTIATE_TEST_SUITE_P(shards, long_polling, testing::Values(1u, 3u));
INSTANTIATE_TEST_SUITE_P(shards, with_large_answers, testing::Values(1u, 3u));
INSTANTIATE_TEST_SUITE_P(shards, with_deaf_clients, testing::Values(1u, 3u));
INSTANTIATE_TEST_SUITE_P(shards, with_a_gate, testing::Values(1u, 3u));
INSTANTIATE_TEST_SUITE_P(shards, with_impatience, testing::Values(1u, 3u));

}  // namespace
}  // namespace hubbub_test
