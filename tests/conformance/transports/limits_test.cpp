// What happens to those who take too much, too slowly or too long; and that nothing of them stays.
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "bystanders.hpp"
#include "server_fixture.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

class limits_of_a_server : public testing::TestWithParam<unsigned> {};

rlim_t lowest_free_descriptor() {
  const int lowest = ::dup(0);
  ::close(lowest);
  return static_cast<rlim_t>(lowest);
}

// Answers one byte with megabytes.
std::shared_ptr<echo_handler> flood(std::size_t outbox_limit, std::size_t messages) {
  connection_limits limits;
  limits.outbox = outbox_limit;
  return std::make_shared<echo_handler>(limits, [messages](connection& who, bytes_view) {
    const std::string chunk(64 * 1024, 'x');
    for (std::size_t i = 0; i < messages; ++i) who.send_copy(chunk);
  });
}

TEST_P(limits_of_a_server, end_a_client_that_takes_nothing_for_too_long) {
  server_options options = quick_options(GetParam());
  options.send_timeout = 200ms;
  test_server server(options, flood(1024 * 1024 * 1024, 400));
  server.start();
  wire_client sleepy(server.port(), "127.0.0.1", 4096);
  ASSERT_EQ(sleepy.upgrade("/echo").status, 101);

  sleepy.send_frame(1, "x");

  EXPECT_EQ(server.echo->next_end().cause, close_cause::send_timeout);
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (server.core.whole().sockets.open.load() != 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_LT(sleepy.read_to_end().size(), 64u * 1024) << "the system keeps nothing for it either";
}

TEST_P(limits_of_a_server, end_a_client_for_whom_too_much_waits) {
  test_server server(quick_options(GetParam()), flood(1024 * 1024, 400));
  server.start();
  wire_client sleepy(server.port(), "127.0.0.1", 4096);
  ASSERT_EQ(sleepy.upgrade("/echo").status, 101);

  sleepy.send_frame(1, "x");

  EXPECT_EQ(server.echo->next_end().cause, close_cause::outbox_full);
  EXPECT_TRUE(sleepy.ends());
}

TEST_P(limits_of_a_server, let_a_slow_reader_have_everything_in_the_end) {
  test_server server(quick_options(GetParam()), flood(64 * 1024 * 1024, 200));
  server.start();
  wire_client slow(server.port(), "127.0.0.1", 4096);
  ASSERT_EQ(slow.upgrade("/echo").status, 101);

  slow.send_frame(1, "x");

  EXPECT_EQ(slow.data(200 * 64 * 1024).size(), 200u * 64 * 1024);
}

TEST_P(limits_of_a_server, answer_pings_between_the_messages_of_a_slow_reader) {
  test_server server(quick_options(GetParam()), flood(64 * 1024 * 1024, 200));
  server.start();
  wire_client slow(server.port(), "127.0.0.1", 4096);
  ASSERT_EQ(slow.upgrade("/echo").status, 101);
  slow.send_frame(1, "x");
  slow.send_frame(9, "are you there");

  std::size_t data = 0;
  bool pong = false;
  while (data < 200u * 64 * 1024 || !pong) {
    const wire_frame next = slow.frame();
    ASSERT_GE(next.opcode, 0);
    if (next.opcode == 10) {
      pong = next.payload == "are you there";
    } else {
      ASSERT_EQ(next.payload.size(), 64u * 1024);
      data += next.payload.size();
    }
  }
}

TEST_P(limits_of_a_server, end_a_peer_that_never_closes) {
  auto handler = std::make_shared<echo_handler>(connection_limits{},
                                                [](connection& who, bytes_view) { who.finish(ending::normal); });
  server_options options = quick_options(GetParam());
  options.close_timeout = 100ms;
  test_server server(options, handler);
  server.start();
  wire_client stubborn = server.websocket();

  stubborn.send_frame(1, "x");

  EXPECT_EQ(stubborn.frame().close_code(), 1000);
  EXPECT_TRUE(stubborn.ends());
}

TEST_P(limits_of_a_server, give_up_at_once_what_waits_for_a_client_that_is_dropped) {
  auto handler = std::make_shared<echo_handler>(connection_limits{}, [](connection& who, bytes_view) {
    const std::string chunk(64 * 1024, 'x');
    while (who.waiting_bytes() < 2 * 1024 * 1024) who.send_copy(chunk);
    who.home().post([kept = connection_ref(&who)] { kept->drop(); });  // when the socket is full
  });
  server_options options = quick_options(GetParam());
  options.send_timeout = options.close_timeout = std::chrono::hours(1);
  test_server server(options, handler);
  server.start();
  const std::size_t before = open_descriptors();
  wire_client deaf(server.port(), "127.0.0.1", 4096);
  ASSERT_EQ(deaf.upgrade("/echo").status, 101);

  deaf.send_frame(1, "x");

  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (open_descriptors() > before + 1 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(open_descriptors(), before + 1);  // the client's own
}

TEST_P(limits_of_a_server, begin_no_request_while_answers_wait_to_be_read) {
  constexpr int requests = 200;
  const std::string text(256 * 1024, 'x');
  std::atomic<int> begun = 0;
  test_server server(quick_options(GetParam()));
  server.core.whole().routes.add(route_kind::exact, "/large", page_route{[&](const request&) {
                                   ++begun;
                                   return response::text(text);
                                 }});
  server.start();
  wire_client greedy(server.port(), "127.0.0.1", 4096);
  std::string all;
  for (int i = 0; i < requests; ++i) all += "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";

  greedy.send(all);

  for (int i = 0; i < requests; ++i) {
    ASSERT_EQ(greedy.answer().body.size(), text.size()) << i;
    if (i == 0) {
      EXPECT_LT(begun, requests / 2);
    }
  }
}

// Requests behind one whose answer comes from another shard, and that answer waits behind others that are not read:
// what else the client sends stays with the system.
TEST_P(limits_of_a_server, keep_little_of_what_comes_behind_answers_that_are_not_read) {
  server_options options = quick_options(GetParam());
  options.send_timeout = 500ms;
  test_server server(options);
  server.core.whole().routes.add(route_kind::exact, "/page",
                                 page_route{[](const request&) { return response::text(std::string(60'000, 'x')); }});
  server.start();
  const std::string target = "/echo?id=" + negotiated(server);
  ASSERT_EQ(server.client().ask("GET", target).status, 200);
  std::string many;
  for (int i = 0; i < 300; ++i) many += "GET /page HTTP/1.1\r\nHost: a\r\n\r\n" + post_request(target, "x");
  std::vector<wire_client> clients;
  for (int i = 0; i < 6; ++i) clients.emplace_back(server.port(), "127.0.0.1", 4096);

  std::vector<std::future<void>> sending;
  for (wire_client& one : clients) {
    one.send(many);
    sending.push_back(std::async(std::launch::async, [&one] {
      const std::string more(1024 * 1024, 'x');
      try {
        for (int i = 0; i < 64; ++i) one.send(more);
      } catch (const std::exception&) {  // as soon as the server has lost its patience
      }
    }));
  }
  for (auto& one : sending) one.get();

  EXPECT_LT(server.core.metrics().network_bytes_received, 3u * 1024 * 1024);
}

TEST_P(limits_of_a_server, answer_all_requests_of_a_client_that_has_ended_its_side) {
  const std::string text(256 * 1024, 'x');
  test_server server(quick_options(GetParam()));
  server.core.whole().routes.add(route_kind::exact, "/large",
                                 page_route{[&](const request&) { return response::text(text); }});
  server.start();
  wire_client client(server.port(), "127.0.0.1", 4096);
  std::string all;
  for (int i = 0; i < 40; ++i) all += "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";

  client.send(all);
  client.end_sending();

  for (int i = 0; i < 40; ++i) ASSERT_EQ(client.answer().body.size(), text.size()) << i;
}

TEST_P(limits_of_a_server, end_a_connection_on_which_nothing_but_an_empty_line_came) {
  server_options options = quick_options(GetParam());
  options.keep_alive_timeout = 100ms;
  test_server server(options);
  server.start();
  wire_client idle = server.client();

  idle.send("\r\n");

  EXPECT_TRUE(idle.ends());
}

TEST_P(limits_of_a_server, leave_nothing_behind) {
  test_server server(quick_options(GetParam()));
  server.start();
  ASSERT_EQ(server.client().ask("GET", "/none").status, 404);
  const std::size_t before = open_descriptors();
  {
    std::vector<wire_client> clients;
    for (int i = 0; i < 60; ++i) clients.push_back(server.websocket());
    for (int i = 0; i < 60; ++i) {
      if (i % 3 == 0) clients[static_cast<std::size_t>(i)].close(true);
      if (i % 3 == 1) clients[static_cast<std::size_t>(i)].send_close(1000);
    }
  }
  for (int i = 0; i < 60; ++i) std::ignore = server.echo->next_end();

  // The last sockets close at the end of the turn in which their connection ended.
  for (int i = 0; i < 2000 && open_descriptors() > before; ++i) ASSERT_TRUE(server.client().ask("GET", "/none").status);
  EXPECT_LE(open_descriptors(), before);
  EXPECT_EQ(server.echo->open_now(), 0u);
}

TEST_P(limits_of_a_server, survive_the_end_of_descriptors) {
  test_server server(quick_options(GetParam()));
  server.start();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  // Clients live in this process too: they queue up while the accepting shard is held, then no descriptor is left.
  std::promise<void> go_on;
  server.core.shard_at(0).post([held = go_on.get_future().share()] { held.wait(); });
  std::vector<wire_client> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(server.client());
  rlimit none_left = before;
  none_left.rlim_cur = lowest_free_descriptor();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none_left), 0);

  go_on.set_value();
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (server.log->count("cannot accept") == 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

  for (wire_client& client : clients) EXPECT_EQ(client.ask("GET", "/none").status, 404);
  EXPECT_EQ(server.log->count("cannot accept"), 1u);
}

// The system takes the last bytes of an answer and has no room for the goodbye of TLS behind them: that says nothing of
// the client, who is only slow.
TEST(an_answer_over_tls, is_whole_when_there_is_no_room_for_the_goodbye_behind_it) {
  test_server server(quick_options(1));
  server.use_tls();
  server.core.whole().routes.add(route_kind::exact, "/sized", page_route{[](const request& asked) {
                                   return response::text(std::string(std::stoul(asked.query("n").value_or("")), 'x'));
                                 }});
  server.start();
  wire_client other = server.client();
  const auto is_alone = [&] {
    EXPECT_EQ(other.ask("GET", "/none").status, 404);
    return server.core.whole().sockets.open.load() == 1;
  };
  // A client that has read nothing yet when the server has sent as much as the system takes.
  const auto asked_for = [&](std::size_t size) {
    wire_client slow = server.client(4096);
    std::promise<void> small;
    server.core.whole().shards[0]->home().post([&] {
      const int room = 32 * 1024;
      server.core.whole().shards[0]->sockets().each(0, 1, [&](hubbub::socket& one) {
        ::setsockopt(one.descriptor(), SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
      });
      small.set_value();
    });
    small.get_future().wait();
    slow.send("GET /sized?n=" + std::to_string(size) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(other.ask("GET", "/none").status, 404);
    return slow;
  };
  std::size_t fits = 1'000;
  std::size_t too_much = 4 * 1024 * 1024;
  while (too_much - fits > 1) {
    const std::size_t size = (fits + too_much) / 2;
    {
      const wire_client slow = asked_for(size);
      (is_alone() ? fits : too_much) = size;
    }
    for (int i = 0; i < 10'000 && !is_alone();) ++i;
  }

  // The room that the system has varies a little.
  for (int difference = -1'000; difference < 1'000; difference += 8) {
    const std::size_t size = fits + static_cast<std::size_t>(difference);
    wire_client slow = asked_for(size);
    ASSERT_EQ(slow.answer().body.size(), size) << difference;
  }
}

INSTANTIATE_TEST_SUITE_P(shards, limits_of_a_server, testing::Values(1u, 3u), testing::PrintToStringParamName());

}  // namespace
}  // namespace hubbub_test
