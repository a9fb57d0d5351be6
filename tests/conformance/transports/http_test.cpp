// HTTP on a real socket: order, keep-alive, limits, and handlers that take their time.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>

#include "hubbub/core/sleep.hpp"
#include "hubbub/server.hpp"
#include "support/recording_logger.hpp"
#include "wire_client.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

class http_server : public testing::TestWithParam<unsigned> {
 protected:
  void start(server_options options = {}) {
    options.port = 0;
    options.threads = GetParam();
    app.emplace(options);
    app->use_logger(log);
    app->get("/now", [](const request& asked) { return response::text("now " + asked.query("n").value_or("")); });
    app->get("/later", [](const request& asked) -> task<response> {
      co_await sleep(20ms);
      co_return response::text("later " + asked.query("n").value_or(""));
    });
    app->get("/throws", [](const request&) -> response { throw std::runtime_error("secret detail"); });
    app->get("/repeats", [](const request& asked) -> response {
      throw std::runtime_error("no room " + asked.query("room").value_or(""));
    });
    app->get("/throws-later", [](const request&) -> task<response> {
      co_await sleep(1ms);
      throw std::runtime_error("secret detail");
    });
    app->get("/never", [this](const request&) -> task<response> {
      started.set_value();
      try {
        co_await sleep(1h);
      } catch (const operation_cancelled&) {
        cancelled.set_value();
        throw;
      }
      co_return response{};
    });
    app->get("/held", [this](const request&) {
      started.set_value();
      released.get_future().wait();
      return response::text("held");
    });
    app->get("/count", [this](const request&) { return response::text(std::to_string(++counted)); });
    app->health("/health");
    app->start();
  }
  [[nodiscard]] wire_client client() { return wire_client(app->port()); }

  std::shared_ptr<recording_logger> log = std::make_shared<recording_logger>();
  std::promise<void> started;
  std::promise<void> cancelled;
  std::promise<void> released;
  std::atomic<int> counted{0};
  std::optional<server> app;
};

TEST_P(http_server, answers_requests_in_a_row_on_one_connection) {
  start();
  wire_client browser = client();

  for (int i = 0; i < 5; ++i) {
    const wire_answer got = browser.ask("GET", "/now?n=" + std::to_string(i));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "now " + std::to_string(i));
  }
}

TEST_P(http_server, serves_others_between_pipelined_requests) {
  constexpr int all = 1000;
  start();
  wire_client eager = client();
  wire_client other = client();
  ASSERT_EQ(eager.ask("GET", "/now").status, 200);
  ASSERT_EQ(other.ask("GET", "/now").status, 200);
  std::string many = "GET /held HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string one = "GET /count HTTP/1.1\r\nHost: a\r\n\r\n";
  for (int i = 0; i < all; ++i) many += one;

  eager.send(many);
  started.get_future().wait();
  other.send(one);
  released.set_value();

  EXPECT_LT(std::stoi(other.answer().body), all / 2);
  EXPECT_EQ(eager.answer().body, "held");
  int last = 0;
  for (int i = 0; i < all; ++i) {
    const int number = std::stoi(eager.answer().body);
    ASSERT_GT(number, last);
    last = number;
  }
}

TEST_P(http_server, answers_pipelined_requests_in_their_order) {
  start();
  wire_client browser = client();
  std::string requests;
  for (const char* target : {"/now?n=1", "/later?n=2", "/none", "/later?n=4", "/now?n=5"}) {
    requests += "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n";
  }

  browser.send(requests);

  EXPECT_EQ(browser.answer().body, "now 1");
  EXPECT_EQ(browser.answer().body, "later 2");
  EXPECT_EQ(browser.answer().status, 404);
  EXPECT_EQ(browser.answer().body, "later 4");
  EXPECT_EQ(browser.answer().body, "now 5");
}

TEST_P(http_server, closes_when_it_is_asked_to) {
  start();
  wire_client browser = client();

  const wire_answer got = browser.ask("GET", "/now", "Connection: close\r\n");

  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("Connection"), "close");
  EXPECT_TRUE(browser.ends());
}

TEST_P(http_server, answers_head_without_a_body) {
  start();
  wire_client browser = client();

  EXPECT_EQ(browser.ask("HEAD", "/now?n=1").header("Content-Length"), "5");
  EXPECT_EQ(browser.ask("GET", "/now?n=1").body, "now 1");
}

TEST_P(http_server, says_continue_to_those_who_wait_for_it) {
  start();
  wire_client browser = client();
  browser.send("POST /now HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_EQ(browser.answer().status, 100);

  browser.send("ok");

  const wire_answer got = browser.answer();
  EXPECT_EQ(got.status, 405);
  EXPECT_EQ(got.header("Allow"), "GET, HEAD");
}

TEST_P(http_server, has_no_client_write_lines_of_its_log) {
  start();

  EXPECT_EQ(client().ask("GET", "/repeats?room=a%0D%0A2026-01-01T00:00:00.000Z%20error%20forged").status, 500);
  EXPECT_EQ(log->count("no room a"), 1u);
  EXPECT_EQ(log->count("\n"), 0u);
  EXPECT_EQ(log->count("\r"), 0u);
}

TEST_P(http_server, hides_what_a_handler_threw) {
  start();
  wire_client browser = client();

  for (const char* target : {"/throws", "/throws-later"}) {
    const wire_answer got = browser.ask("GET", target);
    EXPECT_EQ(got.status, 500);
    EXPECT_EQ(got.body.find("secret"), std::string::npos);
  }

  EXPECT_EQ(log->count("secret detail"), 2u);
}

TEST_P(http_server, lets_the_client_read_why_its_request_was_refused) {
  start();
  wire_client attacker = client();
  std::string flood = "GET /now HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
  flood += std::string(200'000, 'x');

  attacker.send(flood);

  EXPECT_EQ(attacker.answer().status, 400);
  EXPECT_TRUE(attacker.ends());
  EXPECT_EQ(client().ask("GET", "/now?n=1").body, "now 1");
}

TEST_P(http_server, refuses_heads_and_bodies_above_their_limits) {
  server_options options;
  options.max_request_head = 1024;
  options.max_request_body = 10;
  start(options);

  EXPECT_EQ(client().ask("GET", "/now", "X: " + std::string(2000, 'x') + "\r\n").status, 431);
  wire_client poster = client();
  poster.send("POST /now HTTP/1.1\r\nHost: test\r\nContent-Length: 11\r\n\r\n12345678901");
  EXPECT_EQ(poster.answer().status, 413);
}

TEST_P(http_server, cuts_requests_that_trickle) {
  server_options options;
  options.request_timeout = 100ms;
  start(options);
  wire_client slow = client();

  slow.send("GET /now HTTP/1.1\r\nHost: te");

  EXPECT_EQ(slow.answer().status, 408);
  EXPECT_TRUE(slow.ends());
}

TEST_P(http_server, closes_idle_connections) {
  server_options options;
  options.keep_alive_timeout = 100ms;
  start(options);
  wire_client idle = client();
  wire_client used = client();
  EXPECT_EQ(used.ask("GET", "/now").status, 200);

  EXPECT_TRUE(used.ends());
  EXPECT_TRUE(idle.ends());
}

TEST_P(http_server, cancels_a_handler_whose_client_left) {
  start();
  {
    wire_client impatient = client();
    impatient.send("GET /never HTTP/1.1\r\nHost: test\r\n\r\n");
    started.get_future().get();
  }

  cancelled.get_future().get();
}

TEST_P(http_server, cancels_waiting_handlers_when_it_stops) {
  server_options options;
  options.drain_timeout = 50ms;
  start(options);
  wire_client patient = client();
  patient.send("GET /never HTTP/1.1\r\nHost: test\r\n\r\n");
  started.get_future().get();

  app->stop();
  app->wait();

  cancelled.get_future().get();
}

TEST_P(http_server, answers_what_is_under_way_before_it_stops) {
  start();
  wire_client browser = client();
  browser.send("GET /later?n=1 HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client().ask("GET", "/health").body, "healthy");  // the server has seen both

  app->stop();

  const wire_answer got = browser.answer();
  EXPECT_TRUE(got.status == 200 || got.status == 0);  // 0: the stop came before the request was read
  app->wait();
}

TEST_P(http_server, refuses_more_connections_than_allowed) {
  server_options options;
  options.max_connections = 2;
  start(options);
  wire_client first = client();
  wire_client second = client();
  EXPECT_EQ(first.ask("GET", "/now").status, 200);
  EXPECT_EQ(second.ask("GET", "/now").status, 200);

  EXPECT_EQ(client().answer().status, 503);
}

TEST_P(http_server, runs_work_and_tasks_on_its_shards) {
  start();
  std::promise<unsigned> where;
  EXPECT_TRUE(app->post(0, [&] { where.set_value(shard::current()->index()); }));
  EXPECT_EQ(where.get_future().get(), 0u);

  auto work = []() -> task<int> {
    co_await sleep(1ms);
    co_return 7;
  };
  EXPECT_EQ(app->spawn(0, work()).get(), 7);
}

INSTANTIATE_TEST_SUITE_P(shards, http_server, testing::Values(1u, 3u), testing::PrintToStringParamName());

}  // namespace
}  // namespace hubbub_test
