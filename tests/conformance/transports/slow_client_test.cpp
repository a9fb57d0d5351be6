// Clients that take their time: a byte now and then, nothing at all, or answers that they do not read. They are cut by
// the option that says so; others do not notice, and nothing of them stays. With one shard and with three.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "bystanders.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

constexpr std::size_t crowd = 60;

class slow_clients : public testing::TestWithParam<unsigned> {
 protected:
  explicit slow_clients(server_options options = quick_options(GetParam())) : server(std::move(options), flood) {}
  [[nodiscard]] std::size_t open_sockets() { return server.core.whole().sockets.open.load(); }

  // Sends one byte per client and round, until the server has ended all of them. A round lasts as long as others take
  // for their calls.
  void drip(bystanders& others, std::vector<wire_client>& clients, std::size_t with_them) {
    others.call();  // they came before these sockets, so they are in
    EXPECT_TRUE(call_until(others, [&] {
      for (wire_client& one : clients) (void)one.try_send("a");
      return open_sockets() <= with_them;
    })) << "a server waits for slow clients for ever";
  }

  std::shared_ptr<echo_handler> flood = echo_or_flood(256);
  test_server server;
};

server_options short_requests(unsigned shards) {
  server_options options = quick_options(shards);
  options.request_timeout = 300ms;
  return options;
}

class slow_requests : public slow_clients {
 protected:
  slow_requests() : slow_clients(short_requests(GetParam())) {}
};

TEST_P(slow_requests, are_cut_in_the_middle_of_their_heads) {
  server.start();
  bystanders others(server);
  others.call();
  std::vector<wire_client> clients;
  for (std::size_t i = 0; i < crowd; ++i) {
    clients.push_back(server.client());
    clients.back().send("GET /echo HTTP/1.1\r\nHost: test\r\nX-Slow: ");
  }

  drip(others, clients, bystanders::sockets);

  for (wire_client& one : clients) EXPECT_EQ(one.answer().status, 408);
}

TEST_P(slow_requests, are_cut_in_the_middle_of_their_bodies_and_their_connection_goes_on) {
  server.start();
  bystanders others(server);
  others.call();
  const std::string target = "/echo?id=" + negotiated(server);
  ASSERT_EQ(server.client().ask("GET", target).status, 200);
  std::vector<wire_client> clients;
  for (std::size_t i = 0; i < crowd; ++i) {
    clients.push_back(server.client());
    clients.back().send("POST " + target + " HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n");
  }

  drip(others, clients, bystanders::sockets);

  for (wire_client& one : clients) EXPECT_EQ(one.answer().status, 408);
  wire_client poster = server.client();
  poster.send(post_request(target, "whole"));
  EXPECT_EQ(poster.answer().status, 200);
  EXPECT_EQ(poster.ask("GET", target).body, "whole") << "nothing of the bodies that were cut has arrived";
}

TEST_P(slow_requests, are_cut_in_the_middle_of_the_size_of_a_chunk) {
  server.start();
  bystanders others(server);
  others.call();
  std::vector<wire_client> clients;
  for (std::size_t i = 0; i < crowd; ++i) {
    clients.push_back(server.client());
    clients.back().send("POST /echo/negotiate HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n1;");
  }

  drip(others, clients, bystanders::sockets);

  for (wire_client& one : clients) {
    const int status = one.answer().status;
    EXPECT_TRUE(status == 408 || status == 400) << status;
  }
}

server_options short_silence(unsigned shards) {
  server_options options = quick_options(shards);
  options.keep_alive_timeout = 1s;
  return options;
}

class silent_clients : public slow_clients {
 protected:
  silent_clients() : slow_clients(short_silence(GetParam())) {}
};

TEST_P(silent_clients, that_say_nothing_at_all_are_let_go) {
  server.start();
  bystanders others(server);
  others.call();
  const std::size_t before = open_descriptors();
  std::vector<wire_client> mute;
  for (std::size_t i = 0; i < crowd; ++i) mute.push_back(server.client());
  others.call();  // the crowd came before these sockets: it is in

  EXPECT_TRUE(call_until(others, [&] { return open_sockets() <= bystanders::sockets; }));

  for (wire_client& one : mute) EXPECT_TRUE(one.ends());
  mute.clear();
  EXPECT_TRUE(call_until(others, [&] { return open_descriptors() <= before + bystanders::sockets; }));
}

server_options short_patience(unsigned shards) {
  server_options options = quick_options(shards);
  options.send_timeout = 300ms;
  options.disconnect_timeout = 3s;
  options.keep_alive_timeout = 1s;  // for sockets whose last answer fitted into the buffers of the system
  return options;
}

class deaf_clients : public slow_clients {
 protected:
  deaf_clients() : slow_clients(short_patience(GetParam())) {}
};

TEST_P(deaf_clients, that_do_not_read_answers_are_let_go) {
  server.core.whole().routes.add(route_kind::exact, "/large", page_route{[](const request&) {
                                   return response::text(std::string(256 * 1024, 'x'));
                                 }});
  server.start();
  bystanders others(server);
  others.call();
  std::string many;
  for (int i = 0; i < 100; ++i) many += "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
  std::vector<wire_client> deaf;
  for (std::size_t i = 0; i < crowd; ++i) {
    deaf.emplace_back(server.port(), "127.0.0.1", 4096);
    deaf.back().send(many);
  }
  others.call();

  EXPECT_TRUE(call_until(others, [&] { return open_sockets() <= bystanders::sockets; }));
}

TEST_P(deaf_clients, that_do_not_read_what_a_connection_sends_are_let_go) {
  server.start();
  bystanders others(server);
  others.call();
  const auto flooded = [&](const std::string& token) {
    wire_client poster = server.client();
    poster.send(post_request("/echo?id=" + token, "flood"));
    ASSERT_EQ(poster.answer().status, 200);
  };
  std::vector<wire_client> deaf;
  constexpr std::size_t each = 5;
  for (std::size_t i = 0; i < each; ++i) {
    deaf.emplace_back(server.port(), "127.0.0.1", 4096);
    ASSERT_EQ(deaf.back().upgrade("/echo").status, 101);
    deaf.back().send_frame(1, "flood");

    deaf.emplace_back(server.port(), "127.0.0.1", 4096);
    const std::string streamed = negotiated(server);
    deaf.back().send("GET /echo?id=" + streamed + " HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n");
    ASSERT_EQ(deaf.back().answer().status, 200);
    flooded(streamed);

    const std::string polled = negotiated(server);
    ASSERT_EQ(server.client().ask("GET", "/echo?id=" + polled).status, 200);
    deaf.emplace_back(server.port(), "127.0.0.1", 4096);
    deaf.back().send("GET /echo?id=" + polled + " HTTP/1.1\r\nHost: test\r\n\r\n");
    flooded(polled);
  }

  EXPECT_TRUE(call_until(others, [&] { return server.echo->open_now() <= bystanders::count; }));
  std::map<close_cause, int> ends;
  for (std::size_t i = 0; i < 3 * each; ++i) ++ends[server.echo->next_end().cause];
  EXPECT_GE(ends[close_cause::send_timeout], 2 * static_cast<int>(each));
  // A megabyte, as much as a poll carries, may fit into the system's buffers: then the next poll is missed.
  EXPECT_EQ(ends[close_cause::send_timeout] + ends[close_cause::client_left], 3 * static_cast<int>(each));
  EXPECT_TRUE(call_until(others, [&] { return open_sockets() <= bystanders::sockets; }));
}

INSTANTIATE_TEST_SUITE_P(shards, slow_requests, testing::Values(1u, 3u), testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(shards, deaf_clients, testing::Values(1u, 3u), testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(shards, silent_clients, testing::Values(1u, 3u), testing::PrintToStringParamName());

}  // namespace
}  // namespace hubbub_test
