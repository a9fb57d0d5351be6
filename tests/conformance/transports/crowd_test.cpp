// Clients that come in crowds and do not stay: thousands of unfinished negotiations, polls that are aborted, connects
// and drops. Others do not notice; connections, sockets, descriptors and memory return. With one shard and with three.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "bystanders.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

// What a server holds when only the bystanders are there.
struct holdings {
  std::size_t descriptors = open_descriptors();
  std::size_t bytes = bytes_in_use();
};

// Descriptors are compared with as many to spare as bystanders have sockets: the server may not have accepted their
// last ones.
constexpr std::size_t memory_slack = 256 * 1024;  // pools and buffers, which have not been full before

TEST(negotiations, that_are_never_finished_cost_little_and_are_forgotten) {
  constexpr std::size_t all = 10'000;
  server_options options = quick_options(3);
  options.disconnect_timeout = 5s;
  test_server server(options);
  server.start();
  bystanders others(server);
  others.call();
  const holdings before;
  const auto pending = [&] { return server.core.whole().pending.total.load(); };

  std::size_t most = 0;
  std::size_t bytes_at_most = 0;
  {
    std::vector<wire_client> sockets;
    for (int i = 0; i < 10; ++i) sockets.push_back(server.client());
    const std::string one =
        "POST /echo/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n";
    std::string many;
    for (int i = 0; i < 50; ++i) many += one;
    for (std::size_t made = 0; made < all;) {
      for (wire_client& socket : sockets) socket.send(many);
      others.call();
      for (wire_client& socket : sockets) {
        for (int i = 0; i < 50; ++i, ++made) ASSERT_EQ(socket.answer().status, 200) << made;
      }
      if (pending() <= most) continue;
      most = pending();
      bytes_at_most = bytes_in_use();
    }
  }
  EXPECT_GE(most, 500u) << "they do wait";
  if (bytes_at_most != 0) {
    EXPECT_LT(bytes_at_most, before.bytes + memory_slack + most * 512) << "for " << most << " negotiations";
  }

  EXPECT_TRUE(call_until(others, [&] { return pending() == 0; })) << pending() << " are not forgotten";
  EXPECT_LE(bytes_in_use(), before.bytes + memory_slack + most * 200) << "tables keep their room";
  EXPECT_TRUE(call_until(others, [&] { return open_descriptors() <= before.descriptors + bystanders::sockets; }));
  wire_client late = server.websocket("/echo?id=" + negotiated(server));
  late.send_frame(1, "welcome");
  EXPECT_EQ(late.frame().payload, "welcome");
}

class crowds : public testing::TestWithParam<unsigned> {};

TEST_P(crowds, of_aborted_polls_lose_nothing) {
  constexpr std::size_t clients = 50;
  constexpr int rounds = 20;
  test_server server(quick_options(GetParam()));
  server.start();
  bystanders others(server);
  others.call();
  std::vector<std::string> tokens;
  std::vector<std::string> targets;
  for (std::size_t i = 0; i < clients; ++i) {
    tokens.push_back(negotiated(server));
    targets.push_back("/echo?id=" + tokens.back());
    ASSERT_EQ(server.client().ask("GET", targets.back()).status, 200);
  }
  const auto post = [&](const std::string& target, std::string_view body) {
    wire_client poster = server.client();
    poster.send(post_request(target, body));
    ASSERT_EQ(poster.answer().status, 200);
  };
  const auto settled = [&] { return server.core.whole().sockets.open.load() <= bystanders::sockets; };
  const holdings before;

  for (int round = 0; round < rounds; ++round) {
    std::vector<wire_client> polls;
    for (std::size_t i = 0; i < clients; ++i) {
      polls.push_back(server.client());
      polls.back().send("GET " + targets[i] + " HTTP/1.1\r\nHost: test\r\n\r\n");
      server.await_open_poll(tokens[i]);
    }
    others.call();
    for (std::size_t i = 0; i < clients; ++i) polls[i].close((i + static_cast<std::size_t>(round)) % 2 == 0);
    ASSERT_TRUE(call_until(others, settled)) << "the server sees that they are gone";

    const std::string text = "round " + std::to_string(round);
    for (const std::string& target : targets) post(target, text);

    for (const std::string& target : targets) ASSERT_EQ(server.client().ask("GET", target).body, text);
  }

  EXPECT_EQ(server.echo->open_now(), clients + bystanders::count);
  EXPECT_TRUE(call_until(others, [&] { return open_descriptors() <= before.descriptors + bystanders::sockets; }));
  EXPECT_LE(bytes_in_use(), before.bytes + memory_slack);
}

class connects_and_drops : public testing::TestWithParam<carriage> {};

TEST_P(connects_and_drops, leave_nothing_behind) {
  constexpr std::size_t all = 1'000;
  constexpr std::size_t at_once = 50;
  server_options options = quick_options(GetParam().shards);
  options.disconnect_timeout = 2s;  // nothing else tells that a client of long polling has gone
  test_server server(options);
  server.start();
  bystanders others(server);
  others.call();

  holdings half_way;
  std::size_t ended = 0;
  for (std::size_t made = 0; made < all; made += at_once) {
    std::vector<carried_client> batch;
    for (std::size_t i = 0; i < at_once; ++i) {
      batch.emplace_back(server, GetParam());
      if (i % 3 == 0) continue;  // dropped before a word was said
      batch.back().send("hello");
      if (i % 3 == 2) continue;  // ... or with an answer under way
      EXPECT_EQ(batch.back().receive(5), "hello");
    }
    others.call();
    for (carried_client& one : batch) one.leave();
    if (made + at_once == all / 2) {
      EXPECT_TRUE(call_until(others, [&] { return server.echo->open_now() == bystanders::count; }));
      half_way = holdings();
    }
  }

  EXPECT_TRUE(call_until(others, [&] { return server.echo->open_now() == bystanders::count; }));
  for (; ended < all; ++ended) std::ignore = server.echo->next_end();
  EXPECT_TRUE(call_until(others, [&] { return server.core.whole().sockets.open.load() <= bystanders::sockets; }));
  EXPECT_TRUE(call_until(others, [&] { return open_descriptors() <= half_way.descriptors + bystanders::sockets; }));
  EXPECT_EQ(server.core.whole().pending.total.load(), 0u);
  EXPECT_LE(bytes_in_use(), half_way.bytes + memory_slack);
}

INSTANTIATE_TEST_SUITE_P(shards, crowds, testing::Values(1u, 3u), testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(transports, connects_and_drops,
                         testing::Values(carriage{transport_kind::web_sockets, 1},
                                         carriage{transport_kind::web_sockets, 3},
                                         carriage{transport_kind::server_sent_events, 3},
                                         carriage{transport_kind::long_polling, 3}));

}  // namespace
}  // namespace hubbub_test
