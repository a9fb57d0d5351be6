// Starting and stopping: addresses, errors with names, goodbyes, deadlines, signals.
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "carried_client.hpp"
#include "hubbub/server.hpp"
#include "server_fixture.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

class a_server : public testing::TestWithParam<unsigned> {};

TEST_P(a_server, says_goodbye_to_every_client) {
  test_server server(quick_options(GetParam()));
  server.start();
  std::vector<wire_client> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(server.websocket());

  server.core.stop();

  for (wire_client& client : clients) {
    EXPECT_EQ(client.frame().payload, "goodbye");
    EXPECT_EQ(client.frame().close_code(), 1000);
    client.send_close(1000);
    EXPECT_TRUE(client.ends());
  }
  server.core.wait();
  EXPECT_EQ(server.core.whole().sockets.open.load(), 0u);
}

TEST_P(a_server, cuts_those_who_do_not_answer_its_goodbye) {
  server_options options = quick_options(GetParam());
  options.drain_timeout = 50ms;
  test_server server(options);
  server.start();
  wire_client silent = server.websocket();
  wire_client unfinished = server.client();
  unfinished.send("GET / HT");
  ASSERT_EQ(server.client().ask("GET", "/none").status, 404);

  server.core.stop();
  server.core.wait();

  EXPECT_TRUE(silent.ends());
  EXPECT_TRUE(unfinished.ends());
}

// A request that began before the stop, and goes to the home of its connection after it: that is its socket's last.
TEST_P(a_server, waits_for_no_other_request_of_a_socket_that_moves_while_it_stops) {
  test_server server(quick_options(GetParam()));
  server.start();
  const std::string token =
      json_field(server.client().ask("POST", "/echo/negotiate?negotiateVersion=1").body, "connectionToken");
  std::vector<wire_client> begun;
  std::vector<wire_client> told;
  for (unsigned i = 0; i < GetParam(); ++i) {  // one of each for every shard
    begun.push_back(server.client());
    begun.back().send("GET /none HTTP/1.1\r\nHost: test\r\n\r\nGET /echo?id=" + token + " HTTP/1.1\r\nHost: test\r\n");
    ASSERT_EQ(begun.back().answer().status, 404);
  }
  for (unsigned i = 0; i < GetParam(); ++i) told.push_back(server.websocket());

  server.core.stop();
  for (wire_client& one : told) {
    EXPECT_EQ(one.frame().payload, "goodbye");
    one.close();
  }

  for (wire_client& one : begun) {
    one.send("Accept: text/event-stream\r\n\r\n");
    const wire_answer got = one.answer();
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(got.header("Connection"), "close");
    EXPECT_TRUE(one.ends());
  }
  server.core.wait();
}

TEST_P(a_server, accepts_nobody_after_its_end) {
  test_server server(quick_options(GetParam()));
  server.start();
  const std::uint16_t port = server.port();

  server.stop();

  EXPECT_THROW(wire_client{port}, std::system_error);
}

TEST_P(a_server, may_be_stopped_twice_and_never_started) {
  server never({.port = 0});
  never.stop();
  never.wait();
  server twice({.port = 0, .threads = GetParam()});
  twice.use_logger(nullptr);
  twice.start();
  twice.stop();
  twice.stop();
  twice.wait();
  twice.wait();
}

TEST_P(a_server, stops_at_sigterm) {
  server app({.port = 0, .threads = GetParam()});
  auto log = std::make_shared<recording_logger>();
  app.use_logger(log);
  std::thread running([&] { app.run(); });
  while (log->count("listening on") == 0) std::this_thread::yield();

  ::kill(::getpid(), SIGTERM);

  running.join();
  EXPECT_EQ(log->count("stopping"), 1u);
}

TEST_P(a_server, names_the_port_that_is_taken) {
  test_server first(quick_options(GetParam()));
  first.start();
  server_options options = quick_options(GetParam());
  options.port = first.port();
  test_server second(options);

  try {
    second.start();
    FAIL() << "two servers share a port";
  } catch (const std::system_error& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("port " + std::to_string(first.port()) + " is taken (server option port"), std::string::npos)
        << what;
  }
}

std::string error_of_start(server_options options) {
  server app(options);
  app.use_logger(nullptr);
  try {
    app.start();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "it started";
}

TEST_P(a_server, names_the_option_that_is_wrong) {
  EXPECT_EQ(error_of_start({.port = 0, .address = "nowhere"}),
            "'nowhere' is not an IPv4 or IPv6 address (server option address)");
  EXPECT_EQ(error_of_start({.port = 0, .threads = 5000}),
            "server option threads is 5000; it must be between 0 and 256");
  EXPECT_EQ(error_of_start({.port = 0, .send_timeout = 0ms}),
            "server option send_timeout is 0 ms; it must be more than 0 and at most 24 hours");
  server app({.port = 0});
  EXPECT_THROW(app.serve_directory("/", "/no/such/folder"), std::invalid_argument);
  EXPECT_THROW(app.allowed_origins({"not an origin"}), std::invalid_argument);
  EXPECT_THROW(app.health("no-slash"), std::invalid_argument);
}

TEST_P(a_server, listens_at_several_addresses) {
  char folder[] = "/tmp/hubbub-test-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/socket";
  test_server server(quick_options(GetParam()));
  server.core.listen({.unix_path = path});
  const bool has_v6 = std::ifstream("/proc/net/if_inet6").peek() != std::ifstream::traits_type::eof();
  if (has_v6) server.core.listen({.address = "::1", .port = 0});
  server.start();

  EXPECT_EQ(wire_client(path).ask("GET", "/none").status, 404);
  EXPECT_EQ(server.client().ask("GET", "/none").status, 404);
  EXPECT_EQ(server.log->count("http://[::1]:"), has_v6 ? 1u : 0u);

  server.stop();
  struct stat found {};
  EXPECT_NE(::stat(path.c_str(), &found), 0) << "the socket's file is still there";
  ::rmdir(folder);
}

TEST_P(a_server, takes_over_the_file_of_a_dead_one) {
  char folder[] = "/tmp/hubbub-test-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/socket";
  { const listening dead = open_listener({.unix_path = path}); }  // closed, not removed
  test_server server(quick_options(GetParam()));
  server.core.listen({.unix_path = path});
  server.start();

  EXPECT_EQ(wire_client(path).ask("GET", "/none").status, 404);

  test_server second(quick_options(GetParam()));
  second.core.listen({.unix_path = path});
  EXPECT_THROW(second.start(), std::system_error);
  server.stop();
  ::rmdir(folder);
}

INSTANTIATE_TEST_SUITE_P(shards, a_server, testing::Values(1u, 3u), testing::PrintToStringParamName());

}  // namespace
}  // namespace hubbub_test
