// Who gets in and who is sent away before there is a connection: limits per address, proxies, the negotiate hook, keys.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>

#include "carried_client.hpp"
#include "hubbub/core/sleep.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

const std::string negotiate = "/echo/negotiate?negotiateVersion=1";

class admission : public testing::TestWithParam<unsigned> {
 protected:
  explicit admission(server_options options = {}) : server(completed(std::move(options))) {}
  static server_options completed(server_options options) {
    const server_options quick = quick_options(GetParam());
    options.port = quick.port;
    options.threads = quick.threads;
    options.drain_timeout = quick.drain_timeout;
    return options;
  }
  // Says who a request came from, as hooks see it.
  void tell_who() {
    server.core.whole().authenticate = plain_authentication([](const request& asked) {
      if (asked.query("who") != "") return auth_result::anonymous();
      throw std::runtime_error("unexpected");
    });
    const plain_page page = [](const request& asked) {
      return response::text(asked.remote_address() + (asked.secure() ? " secure" : " plain"));
    };
    server.core.whole().routes.add(route_kind::exact, "/who", page_route{page});
  }
  static std::string forwarded(const std::string& address) { return "X-Forwarded-For: " + address + "\r\n"; }
  test_server server;
};

class behind_a_proxy : public admission {
 protected:
  behind_a_proxy()
      : admission(
            {.max_connections_per_address = 1, .max_pending_per_address = 2, .trusted_proxies = {"127.0.0.0/8"}}) {}
};

TEST_P(behind_a_proxy, requests_come_from_the_client) {
  tell_who();
  server.start();

  EXPECT_EQ(server.client().ask("GET", "/who", forwarded("203.0.113.9") + "X-Forwarded-Proto: https\r\n").body,
            "203.0.113.9 secure");
  EXPECT_EQ(server.client().ask("GET", "/who").body, "127.0.0.1 plain");
}

TEST_P(behind_a_proxy, pages_of_the_public_host_may_connect) {
  server.start();
  const std::string origin = "Origin: https://app.example\r\n";

  EXPECT_EQ(server.client().upgrade("/echo", origin).status, 403);
  EXPECT_EQ(server.client().upgrade("/echo", origin + "X-Forwarded-Host: app.example\r\n").status, 101);
}

TEST_P(behind_a_proxy, negotiations_count_for_the_client_and_sockets_for_nobody) {
  server.start();
  const auto status = [&](const char* who) { return server.client().ask("POST", negotiate, forwarded(who)).status; };
  const wire_client other_socket = server.client();  // the proxy may have as many as it likes

  EXPECT_EQ(status("203.0.113.9"), 200);
  EXPECT_EQ(status("203.0.113.9"), 200);
  EXPECT_EQ(status("203.0.113.9"), 503);
  EXPECT_EQ(status("203.0.113.10"), 200);
  EXPECT_EQ(server.core.whole().pending.by_address.size(), 2u);
}

class with_few_sockets : public admission {
 protected:
  with_few_sockets()
      : admission({.max_connections_per_address = 2,
                   .max_pending_per_address = 2,
                   .max_requests_per_connection = 3,
                   .retry_after = 7s}) {}
};

TEST_P(with_few_sockets, one_more_of_the_same_address_is_refused_until_another_leaves) {
  server.start();
  wire_client first = server.client();
  ASSERT_EQ(first.ask("GET", "/none").status, 404);
  wire_client second = server.websocket();

  const wire_answer refused = server.client().answer();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "7");
  EXPECT_EQ(server.log->count("server option max_connections_per_address"), 1u);
  first.close();
  second.close();
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (server.core.whole().sockets.open.load() != 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();

  EXPECT_EQ(server.core.whole().sockets.by_address.size(), 0u);
  EXPECT_EQ(server.client().ask("GET", "/none").status, 404);
}

TEST_P(with_few_sockets, negotiations_that_came_or_went_count_no_more) {
  server.start();
  wire_client client = server.client();
  const auto ask = [&] { return client.ask("POST", negotiate); };
  const wire_answer first = ask();
  ASSERT_EQ(ask().status, 200);
  const wire_answer refused = ask();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "7");
  EXPECT_EQ(server.log->count("server option max_pending_per_address"), 1u);

  const wire_client open = server.websocket("/echo?id=" + json_field(first.body, "connectionToken"));

  client.close();
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (server.core.whole().sockets.open.load() != 1 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_EQ(server.client().ask("POST", negotiate).status, 200);
}

TEST_P(with_few_sockets, a_connection_ends_in_good_order_after_its_last_request) {
  server.start();
  wire_client client = server.client();
  EXPECT_EQ(client.ask("GET", "/none").header("Connection"), std::nullopt);
  EXPECT_EQ(client.ask("POST", "/echo?id=nobody").header("Connection"), std::nullopt);

  EXPECT_EQ(client.ask("GET", "/none").header("Connection"), "close");

  EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(with_few_sockets, polls_count_as_requests) {
  server.start();
  wire_client client = server.client();
  const wire_answer made = client.ask("POST", negotiate);
  const std::string target = "/echo?id=" + json_field(made.body, "connectionToken");
  EXPECT_EQ(client.ask("GET", target).header("Connection"), std::nullopt);
  client.send(post_request(target, "x"));

  EXPECT_EQ(client.answer().header("Connection"), "close");

  EXPECT_EQ(server.client().ask("GET", target).body, "x");
}

TEST_P(admission, the_hook_may_redirect_or_refuse) {
  server.core.whole().hubs.front()->negotiation = plain_negotiation([](const request& asked, const principal*) {
    const std::string where = asked.query("where").value_or("");
    if (where == "away") return negotiate_reply::redirect("https://other.example/chat?x=1", "a.b.c");
    if (where == "near") return negotiate_reply::redirect("https://other.example/chat");
    if (where == "no") return negotiate_reply::refuse("Not \"today\"");
    if (where == "crash") throw std::runtime_error("secret");
    return negotiate_reply::accept();
  });
  server.start();
  const auto ask = [&](const char* where) { return server.client().ask("POST", negotiate + "&where=" + where); };

  EXPECT_EQ(ask("away").body, R"({"url":"https://other.example/chat?x=1","accessToken":"a.b.c"})");
  EXPECT_EQ(ask("away").header("Cache-Control"), "no-store");
  EXPECT_EQ(ask("near").body, R"({"url":"https://other.example/chat"})");
  EXPECT_EQ(ask("no").status, 200);
  EXPECT_EQ(ask("no").body, R"({"error":"Not \"today\""})");
  EXPECT_EQ(ask("crash").status, 500);
  EXPECT_EQ(ask("here").status, 200);
  EXPECT_EQ(server.core.whole().pending.total.load(), 1u);
}

TEST_P(admission, the_hook_may_take_its_time_and_sees_the_user) {
  server.core.whole().authenticate = task_authentication([](const request& asked) -> task<auth_result> {
    co_await sleep(1ms);
    auth_result known = auth_result::user(principal({{"sub", asked.query("who").value_or("")}}));
    co_return known;
  });
  server.core.whole().hubs.front()->negotiation =
      task_negotiation([](const request&, const principal* who) -> task<negotiate_reply> {
        co_await sleep(1ms);
        if (who->has("sub", "crash")) throw std::runtime_error("secret");
        negotiate_reply made = negotiate_reply::refuse(std::string(*who->find("sub")));
        co_return made;
      });
  server.start();
  wire_client client = server.client();  // both on one connection: nothing is left of the first

  EXPECT_EQ(client.ask("POST", negotiate + "&who=ann").body, R"({"error":"ann"})");
  EXPECT_EQ(client.ask("POST", negotiate + "&who=bob").body, R"({"error":"bob"})");
  EXPECT_EQ(client.ask("POST", negotiate + "&who=crash").status, 500);
  client.send("POST " + negotiate + "&who=gone HTTP/1.1\r\nHost: test\r\n\r\n");
  client.close(true);  // while the hook works
  EXPECT_EQ(server.client().ask("POST", negotiate + "&who=eve").body, R"({"error":"eve"})");
}

class with_keys : public admission {
 protected:
  with_keys() : admission({.token_keys = {{1, "sixteen bytes or more"}, {2, "an older key, still good"}}}) {}
};

TEST_P(with_keys, tokens_are_good_at_the_process_that_made_them_only) {
  server.start();
  server_options same = completed({.token_keys = {{1, "sixteen bytes or more"}}});
  test_server other(same);
  other.start();
  const std::string token = negotiated(server);

  EXPECT_EQ(other.client().ask("GET", "/echo?id=" + token).status, 404);
  EXPECT_EQ(server.client().ask("GET", "/echo?id=" + token).status, 200);
}

TEST(admission_options, are_checked_at_the_start) {
  const auto error_of = [](server_options options) -> std::string {
    options.port = 0;
    options.threads = 1;
    server_core core(std::move(options));
    try {
      core.start();
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_NE(error_of({.token_keys = {{1, "short"}}}).find("token_keys: key 1 is shorter"), std::string::npos);
  EXPECT_NE(error_of({.retry_after = -1s}).find("retry_after is -1000 ms"), std::string::npos);
  EXPECT_NE(error_of({.trusted_proxies = {"everyone"}}).find("trusted_proxies: 'everyone'"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(shards, admission, testing::Values(1u, 3u));
INSTANTIATE_TEST_SUITE_P(shards, behind_a_proxy, testing::Values(1u, 3u));
INSTANTIATE_TEST_SUITE_P(shards, with_few_sockets, testing::Values(1u, 3u));
INSTANTIATE_TEST_SUITE_P(shards, with_keys, testing::Values(1u, 3u));

}  // namespace
}  // namespace hubbub_test
