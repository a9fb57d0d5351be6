// From negotiation to the WebSocket, and the answers of a hub's paths: statuses, texts, headers (transports.md 3, 5,
// 9-11).
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "carried_client.hpp"
#include "hubbub/core/sleep.hpp"
#include "server_fixture.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

std::string field(const std::string& json, const std::string& name) { return json_field(json, name); }

class negotiation : public testing::TestWithParam<unsigned> {
 protected:
  [[nodiscard]] std::string token(int version = 1) {
    const wire_answer got = server.client().ask("POST", "/echo/negotiate?negotiateVersion=" + std::to_string(version));
    EXPECT_EQ(got.status, 200);
    return field(got.body, version == 0 ? "connectionId" : "connectionToken");
  }
  test_server server{quick_options(GetParam())};
};

TEST_P(negotiation, gives_an_id_and_a_secret_token) {
  server.start();

  const wire_answer got = server.client().ask("POST", "/ECHO/negotiate/?negotiateVersion=1");

  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("Content-Type"), "application/json");
  EXPECT_EQ(got.header("Cache-Control"), "no-store");
  EXPECT_EQ(field(got.body, "connectionId").size(), 22u);
  EXPECT_EQ(field(got.body, "connectionToken").size(), 64u);
  EXPECT_EQ(field(got.body, "transport"), "WebSockets");
}

TEST_P(negotiation, leads_to_a_connection_on_its_home_shard_from_any_other) {
  server.start();
  for (unsigned i = 0; i < 3 * GetParam(); ++i) {
    wire_client client = server.client();

    ASSERT_EQ(client.upgrade("/echo?id=" + token(static_cast<int>(i % 2))).status, 101);

    client.send_frame(1, "at home");
    EXPECT_EQ(client.data(7), "at home");
  }
  EXPECT_EQ(server.core.whole().pending.total.load(), 0u);
}

TEST_P(negotiation, hands_over_what_followed_the_upgrade) {
  server.start();
  for (unsigned i = 0; i < GetParam(); ++i) {
    wire_client client = server.client();
    client.send("GET /none HTTP/1.1\r\nHost: a\r\n\r\n" + upgrade_request("/echo?id=" + token()) +
                masked_frame(1, "eager"));

    EXPECT_EQ(client.answer().status, 404);
    EXPECT_EQ(client.answer().status, 101);
    EXPECT_EQ(client.data(5), "eager");
  }
}

TEST_P(negotiation, admits_one_websocket_for_a_token) {
  server.start();
  const std::string id = token();
  wire_client first = server.client();
  ASSERT_EQ(first.upgrade("/echo?id=" + id).status, 101);

  const wire_answer second = server.client().upgrade("/echo?id=" + id);

  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.body, "");
}

TEST_P(negotiation, forgets_the_token_of_an_ended_connection) {
  server.start();
  const std::string id = token();
  {
    wire_client first = server.client();
    ASSERT_EQ(first.upgrade("/echo?id=" + id).status, 101);
  }
  std::ignore = server.echo->next_end();

  EXPECT_EQ(server.client().upgrade("/echo?id=" + id).status, 404);
}

TEST_P(negotiation, forgets_who_does_not_come) {
  server_options options = quick_options(GetParam());
  options.disconnect_timeout = 1ms;
  test_server hasty(options);
  hasty.start();
  const wire_answer got = hasty.client().ask("POST", "/echo/negotiate?negotiateVersion=1");
  ASSERT_EQ(got.status, 200);

  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (hasty.core.whole().pending.total.load() != 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }

  EXPECT_EQ(hasty.client().upgrade("/echo?id=" + field(got.body, "connectionToken")).status, 404);
}

TEST_P(negotiation, is_refused_when_too_many_wait) {
  server_options options = quick_options(GetParam());
  options.max_pending_connections = 2;
  test_server full(options);
  full.start();
  wire_client client = full.client();
  EXPECT_EQ(client.ask("POST", "/echo/negotiate").status, 200);
  EXPECT_EQ(client.ask("POST", "/echo/negotiate").status, 200);

  EXPECT_EQ(client.ask("POST", "/echo/negotiate").status, 503);
}

TEST_P(negotiation, is_never_refused_where_the_limits_of_those_who_wait_are_0) {
  server_options options = quick_options(GetParam());
  options.max_pending_connections = 0;
  options.max_pending_per_address = 0;
  test_server open(options);
  open.start();
  wire_client client = open.client();

  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.ask("POST", "/echo/negotiate").status, 200);
}

TEST_P(negotiation, does_not_accept_public_ids_or_tokens_of_other_hubs) {
  server.core.map_handler("/other", std::make_shared<echo_handler>());
  server.start();
  const wire_answer got = server.client().ask("POST", "/echo/negotiate?negotiateVersion=1");

  EXPECT_EQ(server.client().upgrade("/echo?id=" + field(got.body, "connectionId")).status, 404);
  EXPECT_EQ(server.client().upgrade("/other?id=" + field(got.body, "connectionToken")).status, 404);
  EXPECT_EQ(server.client().upgrade("/echo?id=" + field(got.body, "connectionToken")).status, 101);
}

// At the shard of the connection and at others.
TEST_P(negotiation, accepts_a_token_letter_by_letter_only) {
  server.start();
  const std::string token =
      field(server.client().ask("POST", "/echo/negotiate?negotiateVersion=1").body, "connectionToken");
  const auto status_of = [&](const std::string& wrong) {
    int seen = 404;
    for (unsigned i = 0; i < GetParam(); ++i) {
      const int status = server.client().ask("POST", "/echo?id=" + wrong).status;
      if (status != 404) seen = status;
    }
    return seen;
  };

  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string wrong = token;
    wrong[at] = wrong[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(status_of(wrong), 404) << at;
  }
  EXPECT_EQ(status_of(token + "A"), 404);
  EXPECT_EQ(status_of(token.substr(0, 63)), 404);
  EXPECT_EQ(status_of(token.substr(0, 22)), 404);
  EXPECT_EQ(server.client().upgrade("/echo?id=" + token).status, 101);
}

struct question {
  const char* method;
  const char* target;
  const char* headers;
  int status;
  const char* body;
  const char* content_type;  // null: none
};

TEST_P(negotiation, and_everything_else_at_a_hub_is_answered_like_the_reference) {
  server.core.whole().hubs.front()->transports = {true, false, false};
  server.start();
  const std::string id = token();
  const std::string known = "/echo?id=" + id;
  const char* const with_id = known.c_str();
  const char* const events = "Accept: text/event-stream\r\n";
  const question questions[] = {
      {"GET", "/echo/negotiate", "", 405, "", "text/plain"},
      {"PUT", "/echo", "", 405, "", "text/plain"},
      {"GET", "/echo", "", 400, "Connection ID required", "text/plain"},
      {"GET", "/echo?id=", events, 400, "Connection ID required", "text/plain"},
      {"GET", "/echo?id=nobody", "", 404, "No Connection with that ID", "text/plain"},
      {"GET", "/echo?ID=nobody", events, 404, "No Connection with that ID", "text/plain"},
      {"GET", with_id, "", 404, "LongPolling transport not supported by this end point type", "text/plain"},
      {"GET", with_id, "Accept: text/html, TEXT/event-stream\r\n", 404,
       "ServerSentEvents transport not supported by this end point type", "text/plain"},
      {"GET", with_id, "Accept: text/event-stream;q=1.0\r\n", 404,
       "LongPolling transport not supported by this end point type", "text/plain"},
      {"POST", "/echo", "", 400, "Connection ID required", "text/plain"},
      {"POST", "/echo?id=nobody", "", 404, "No Connection with that ID", "text/plain"},
      {"POST", with_id, "", 200, "", "text/plain"},  // no transport has come yet
      {"DELETE", "/echo", "", 400, "Connection ID required", "text/plain"},
      {"DELETE", "/echo?id=nobody", "", 404, "No Connection with that ID", "text/plain"},
      {"DELETE", with_id, "", 400, "Cannot terminate this connection using the DELETE endpoint.", "text/plain"},
  };
  for (const question& one : questions) {
    wire_client client = server.client();
    const wire_answer got = client.ask(one.method, one.target, one.headers);
    EXPECT_EQ(got.status, one.status) << one.method << " " << one.target;
    EXPECT_EQ(got.body, one.body) << one.method << " " << one.target;
    EXPECT_EQ(got.header("Content-Type"), one.content_type) << one.method << " " << one.target;
  }

  wire_client carrying = server.client();
  ASSERT_EQ(carrying.upgrade(known).status, 101);
  EXPECT_EQ(server.client().ask("POST", known).status, 405);
  EXPECT_EQ(server.client().ask("POST", known).body, "POST requests are not allowed for WebSocket connections.");

  const wire_answer unknown = server.client().upgrade("/echo?id=nobody");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, "No Connection with that ID");
  EXPECT_EQ(unknown.header("Content-Type"), std::nullopt);
  EXPECT_EQ(server.client().upgrade("/echo?id=nobody", events).header("Content-Type"), "text/plain");
  EXPECT_EQ(server.client().ask("GET", "/echo").header("Cache-Control"), "no-cache, no-store");
  const wire_answer old = server.client().ask(
      "GET", "/echo",
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: x\r\n");
  EXPECT_EQ(old.status, 426);
  EXPECT_EQ(old.header("Sec-WebSocket-Version"), "13");
}

TEST_P(negotiation, is_refused_while_the_server_stops) {
  server_options options = quick_options(GetParam());
  test_server stopping(options);
  stopping.start();
  wire_client open = stopping.websocket();
  wire_client busy = stopping.client();
  busy.send("POST /echo/negotiate HTTP/1.1\r\nHost: a\r\n");  // begun: the stop waits for it
  ASSERT_EQ(stopping.client().ask("GET", "/none").status, 404);
  stopping.core.stop();
  ASSERT_EQ(open.frame().payload, "goodbye");

  busy.send("Content-Length: 0\r\n\r\n");

  const wire_answer got = busy.answer();
  EXPECT_TRUE(got.status == 503 || got.status == 0) << got.status;  // 0: its first bytes were not read before the stop
  open.close();
}

TEST_P(negotiation, comes_after_preflight_and_authentication) {
  server.core.set_origins({"http://app.example"});
  server.core.whole().authenticate = task_authentication([](const request& asked) -> task<auth_result> {
    co_await sleep(1ms);
    const std::string who = asked.query("who").value_or("");
    if (who == "bad") co_return auth_result::challenge("Bearer");
    if (who == "foe") co_return auth_result::forbid();
    if (who == "crash") throw std::runtime_error("secret");
    auth_result known = auth_result::user(principal({{"sub", who}}));
    co_return known;
  });
  server.start();
  const std::string origin = "Origin: http://app.example\r\n";

  const wire_answer preflight =
      server.client().ask("OPTIONS", "/echo/negotiate?who=bad", origin + "Access-Control-Request-Method: POST\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "http://app.example");
  const wire_answer challenged = server.client().ask("POST", "/echo/negotiate?who=bad", origin);
  EXPECT_EQ(challenged.status, 401);
  EXPECT_EQ(challenged.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(challenged.header("Access-Control-Allow-Origin"), "http://app.example");
  EXPECT_EQ(server.client().upgrade("/echo?who=bad&id=nobody").status, 401);
  EXPECT_EQ(server.client().ask("POST", "/echo/negotiate?who=foe").status, 403);
  EXPECT_EQ(server.client().ask("POST", "/echo/negotiate?who=crash").status, 500);
  const wire_answer admitted = server.client().ask("POST", "/echo/negotiate?who=me&negotiateVersion=1", origin);
  EXPECT_EQ(admitted.status, 200);
  wire_client client = server.client();
  client.send(upgrade_request("/echo?who=me&id=" + field(admitted.body, "connectionToken"), origin) +
              masked_frame(1, "eager"));
  EXPECT_EQ(client.answer().status, 101);
  EXPECT_EQ(client.data(5), "eager");
}

TEST_P(negotiation, and_every_request_need_the_roles_and_the_policy_of_their_hub) {
  server.core.whole().authenticate = plain_authentication([](const request& asked) {
    const auto who = asked.query("who");
    return who ? auth_result::user(principal({{"sub", *who}, {"role", *who}})) : auth_result::anonymous();
  });
  hub_mapping& hub = *server.core.whole().hubs.front();
  hub.roles = {"admin", "editor"};
  hub.policy = [](const principal* who, const request& asked) {
    if (asked.query("break")) throw std::runtime_error("broken");
    return who != nullptr && !asked.query("never");
  };
  server.start();

  EXPECT_EQ(server.client().ask("POST", "/echo/negotiate").status, 401);
  EXPECT_EQ(server.client().ask("POST", "/echo/negotiate?who=guest").status, 403);
  EXPECT_EQ(server.client().ask("POST", "/echo/negotiate?who=editor").status, 200);
  EXPECT_EQ(server.client().ask("POST", "/echo/negotiate?who=editor&never").status, 403);
  EXPECT_EQ(server.client().ask("POST", "/echo/negotiate?who=editor&break").status, 500);
  EXPECT_EQ(server.client().upgrade("/echo").header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(server.client().upgrade("/echo?who=guest").status, 403);
  EXPECT_EQ(server.client().upgrade("/echo?who=admin").status, 101);
  for (const char* method : {"GET", "POST", "DELETE"}) {
    EXPECT_EQ(server.client().ask(method, "/echo?id=nobody").status, 401) << method;
    EXPECT_EQ(server.client().ask(method, "/echo?id=nobody&who=guest").status, 403) << method;
    EXPECT_EQ(server.client().ask(method, "/echo?id=nobody&who=admin").status, 404) << method;
  }
}

TEST_P(negotiation, and_websockets_are_for_pages_of_allowed_origins) {
  server.core.set_origins({"http://app.example"});
  server.start();

  EXPECT_EQ(server.client().upgrade("/echo", "Origin: http://app.example\r\n").status, 101);
  EXPECT_EQ(server.client().upgrade("/echo", "Origin: http://test\r\n").status, 101);  // the server's own pages
  EXPECT_EQ(server.client().upgrade("/echo", "Origin: http://evil.example\r\n").status, 403);
  const wire_answer foreign = server.client().ask("POST", "/echo/negotiate", "Origin: http://evil.example\r\n");
  EXPECT_EQ(foreign.header("Access-Control-Allow-Origin"), std::nullopt);
}

TEST_P(negotiation, and_what_else_begins_a_connection_tells_the_log_of_pages_of_foreign_origins) {
  server.core.set_origins({"http://app.example"});
  server.core.whole().authenticate = task_authentication([](const request&) -> task<auth_result> {
    co_await sleep(1ms);  // the request is served in two steps, and told of once
    co_return auth_result::anonymous();
  });
  server.start();
  const std::string negotiate = "/echo/negotiate?negotiateVersion=1";
  const auto told = [&](const std::string& what) {
    return server.log->count("information server: " + what +
                             " from a foreign origin gets no CORS headers (server option allowed_origins)");
  };

  for (const char* welcome : {"", "Origin: http://app.example\r\n", "Origin: https://test\r\n"}) {
    EXPECT_EQ(server.client().ask("POST", negotiate, welcome).status, 200);
  }
  EXPECT_EQ(server.log->count("foreign origin"), 0u);

  const std::string foreign = "Origin: http://evil.example\r\n";
  EXPECT_EQ(server.client().ask("OPTIONS", negotiate, foreign + "Access-Control-Request-Method: POST\r\n").status, 204);
  EXPECT_EQ(told("a preflight"), 1u);
  const wire_answer made = server.client().ask("POST", negotiate, foreign);
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(told("a negotiation"), 1u);
  const std::string token = field(made.body, "connectionToken");
  // Over several sockets, so that some of them are handed to the connection's shard.
  std::vector<wire_client> streams;
  for (const int status : {200, 409, 409}) {
    const wire_answer got = streams.emplace_back(server.client())
                                .ask("GET", "/echo?id=" + token, foreign + "Accept: text/event-stream\r\n");
    EXPECT_EQ(got.status, status);
  }
  EXPECT_EQ(told("an event stream"), 3u);
  for (const char* method : {"GET", "POST", "DELETE"}) {
    EXPECT_EQ(server.client().ask(method, "/echo?id=nobody", foreign).status, 404) << method;
  }
  EXPECT_EQ(server.log->count("foreign origin"), 5u);
  EXPECT_EQ(server.log->count("evil"), 0u);
  EXPECT_EQ(server.log->count(token), 0u);
}

INSTANTIATE_TEST_SUITE_P(shards, negotiation, testing::Values(1u, 3u), testing::PrintToStringParamName());

}  // namespace
}  // namespace hubbub_test
