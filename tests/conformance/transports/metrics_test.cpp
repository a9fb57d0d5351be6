// Real traffic over every transport, and what the server says of it: exact afterwards, and zero for what is present.
#include "hubbub/metrics.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "carried_client.hpp"
#include "hubbub/server.hpp"
#include "support/prometheus_page.hpp"
#include "support/recording_logger.hpp"
#include "wire_client.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

class busy_hub : public hub<busy_hub> {
 public:
  std::string echo(std::string text) const { return text; }
  task<std::string> echo_later(std::string text) {
    co_await hubbub::sleep(1ms);
    co_return text;
  }
  void fail() { throw hub_error("no"); }
  void flood(int times) {
    for (int i = 0; i < times; ++i) clients().caller().send("Receive", std::string(64 * 1024, 'x'));
  }
  using methods = hubbub::methods<&busy_hub::echo, &busy_hub::echo_later, &busy_hub::fail, &busy_hub::flood>;
};

constexpr std::string_view json_handshake = "{\"protocol\":\"json\",\"version\":1}\x1e";

std::string call_of(const std::string& target, const std::string& arguments) {
  return R"({"type":1,"invocationId":"7","target":")" + target + R"(","arguments":[)" + arguments + "]}\x1e";
}

// A hub client over one transport that knows how many bytes of messages it sent and received.
class hub_client {
 public:
  hub_client(std::uint16_t port, transport_kind by, bool shakes_hands = true) : port_(port), by_(by) {
    const wire_answer made = wire_client(port).ask("POST", "/busy/negotiate?negotiateVersion=1");
    target_ = "/busy?id=" + json_field(made.body, "connectionToken");
    if (by_ == transport_kind::web_sockets) {
      if (stream_.upgrade(target_).status != 101) throw std::runtime_error("no WebSocket");
    } else if (by_ == transport_kind::server_sent_events) {
      if (stream_.ask("GET", target_, "Accept: text/event-stream\r\n").status != 200)
        throw std::runtime_error("no stream");
    } else if (stream_.ask("GET", target_).status != 200) {
      throw std::runtime_error("no first poll");
    }
    if (!shakes_hands) return;
    send(json_handshake);
    if (receive() != "{}\x1e") throw std::runtime_error("no answer to the handshake");
    sent = 0;
  }
  void send(std::string_view text) {
    sent += text.size();
    if (by_ == transport_kind::web_sockets) return stream_.send_frame(1, text);
    requests_.send(post_request(target_, text));
    if (requests_.answer().status != 200) throw std::runtime_error("a POST was refused");
  }
  // The next transport message with something in it.
  std::string receive() {
    std::string got;
    while (got.empty()) {
      if (by_ == transport_kind::web_sockets) {
        got = stream_.frame().payload;
      } else if (by_ == transport_kind::long_polling) {
        got = stream_.ask("GET", target_).body;
      } else {
        got = stream_.chunk();
        if (got.empty()) throw std::runtime_error("the stream ended");
        got = got == ":\r\n" ? "" : got.substr(6, got.size() - 10);
      }
    }
    received += got.size();
    return got;
  }
  std::string call(const std::string& target, const std::string& arguments = {}) {
    send(call_of(target, arguments));
    return receive();
  }
  void leave() {
    if (by_ == transport_kind::long_polling) (void)requests_.ask("DELETE", target_);
    stream_.close();
    requests_.close();
  }

  std::size_t sent = 0;      // after the handshake
  std::size_t received = 0;  // with the answer to it

 private:
  std::uint16_t port_;
  transport_kind by_;
  std::string target_;
  wire_client stream_{port_};
  wire_client requests_{port_};
};

class counted_server : public testing::TestWithParam<unsigned> {
 protected:
  explicit counted_server() {
    options.port = 0;
    options.threads = GetParam();
  }
  server& start(const std::function<void(server&)>& set = {}) {
    app = std::make_unique<server>(options);
    app->use_logger(log);
    app->map<busy_hub>("/busy").outbox_limit(outbox_limit);
    app->metrics("/internal/metrics");
    if (set) set(*app);
    app->start();
    return *app;
  }
  // Until the server's numbers are as wanted.
  template <class True>
  bool await(True&& as_wanted) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!as_wanted(app->metrics())) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  prometheus_page page() { return prometheus_page(wire_client(app->port()).ask("GET", "/internal/metrics").body); }

  server_options options;
  std::size_t outbox_limit = 64 * 1024 * 1024;
  std::shared_ptr<recording_logger> log = std::make_shared<recording_logger>(log_level::error);
  std::unique_ptr<server> app;
};

const connection_metrics& row(const hub_metrics& of, transport_kind transport, std::optional<protocol_kind> protocol) {
  for (const connection_metrics& one : of.connections) {
    if (one.transport == transport && one.protocol == protocol) return one;
  }
  throw std::runtime_error("no such row");
}

constexpr transport_kind all_transports[] = {transport_kind::web_sockets, transport_kind::server_sent_events,
                                             transport_kind::long_polling};

TEST_P(counted_server, counts_connections_calls_and_bytes_of_every_transport) {
  start();
  std::vector<std::unique_ptr<hub_client>> clients;
  constexpr int each = 3;
  for (const transport_kind by : all_transports) {
    for (int i = 0; i < each; ++i) clients.push_back(std::make_unique<hub_client>(app->port(), by));
  }
  for (const auto& one : clients) {
    for (int i = 0; i < 10; ++i)
      ASSERT_NE(one->call("Echo", "\"hello\"").find("\"result\":\"hello\""), std::string::npos);
    ASSERT_NE(one->call("EchoLater", "\"hello\"").find("\"result\""), std::string::npos);
    ASSERT_NE(one->call("Fail").find("\"error\""), std::string::npos);
    ASSERT_NE(one->call("Nobody").find("\"error\""), std::string::npos);
  }

  const server_metrics busy = app->metrics();
  const hub_metrics& here = *busy.hub("BusyHub");
  EXPECT_EQ(here.connected(), clients.size());
  for (std::size_t kind = 0; kind < 3; ++kind) {
    std::size_t sent = 0;
    std::size_t received = 0;
    for (std::size_t i = 0; i < each; ++i) {
      sent += clients[kind * each + i]->sent;
      received += clients[kind * each + i]->received;
    }
    const connection_metrics& json = row(here, all_transports[kind], protocol_kind::json);
    EXPECT_EQ(json.now, 3u);
    EXPECT_EQ(json.total, 3u);
    EXPECT_EQ(json.bytes_received, sent);
    EXPECT_EQ(json.bytes_sent, received);
    const connection_metrics& none = row(here, all_transports[kind], std::nullopt);
    EXPECT_EQ(none.now, 0u);
    EXPECT_EQ(none.bytes_received, each * json_handshake.size());
  }
  EXPECT_EQ(here.method("Echo")->calls, 10 * clients.size());
  EXPECT_EQ(here.method("Echo")->errors, 0u);
  EXPECT_EQ(here.method("Echo")->duration.count(), 10 * clients.size());
  EXPECT_EQ(here.method("EchoLater")->calls, clients.size());
  EXPECT_GE(here.method("EchoLater")->duration.sum_seconds, 0.0009 * static_cast<double>(clients.size()));
  EXPECT_EQ(here.method("Fail")->calls, clients.size());
  EXPECT_EQ(here.method("Fail")->errors, clients.size());
  EXPECT_EQ(here.unknown_calls, clients.size());
  EXPECT_EQ(busy.negotiations_accepted, clients.size());
  EXPECT_EQ(busy.pending_connections, 0u);
  EXPECT_EQ(busy.shards, GetParam());
  EXPECT_GT(busy.network_bytes_received, 0u);
  EXPECT_GT(busy.network_bytes_sent, 0u);

  for (const auto& one : clients) one->leave();

  EXPECT_TRUE(await([](const server_metrics& now) { return now.hubs[0].connected() == 0 && now.sockets == 0; }));
  const server_metrics after = app->metrics();
  std::uint64_t ended = 0;
  for (const std::uint64_t one : after.hubs[0].ended) ended += one;
  EXPECT_EQ(ended, clients.size());
  EXPECT_EQ(after.hubs[0].ended_by(close_cause::client_closed), 3u);  // those that said so: DELETE
  EXPECT_EQ(after.hubs[0].ended_by(close_cause::client_left), 6u);
  for (const connection_metrics& one : after.hubs[0].connections) EXPECT_EQ(one.now, 0u);
  EXPECT_EQ(after.mailbox_jobs, 0u);
  EXPECT_EQ(after.mailbox_bytes, 0u);
  EXPECT_EQ(after.mailbox_lost, 0u);
}

TEST_P(counted_server, tells_the_same_on_its_page) {
  start();
  hub_client one(app->port(), transport_kind::web_sockets);
  std::ignore = one.call("Echo", "\"hello\"");
  std::ignore = one.call("Fail");
  std::ignore = one.call("Nobody");

  wire_client reader(app->port());
  const wire_answer got = reader.ask("GET", "/internal/metrics");

  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(got.header("Cache-Control"), "no-store");
  const prometheus_page told(got.body);
  const auto of_hub = [](sample_labels more) {
    more["hub"] = "BusyHub";
    return more;
  };
  EXPECT_EQ(told.value("signalr_server_active_connections",
                       of_hub({{"signalr_transport", "web_sockets"}, {"protocol", "json"}})),
            1);
  EXPECT_EQ(told.sum("signalr_server_active_connections"), 1);
  EXPECT_EQ(told.value("hubbub_method_calls_total", of_hub({{"method", "Echo"}})), 1);
  EXPECT_EQ(told.value("hubbub_method_calls_total", of_hub({{"method", "(unknown)"}})), 1);
  EXPECT_EQ(told.value("hubbub_method_errors_total", of_hub({{"method", "Fail"}})), 1);
  EXPECT_EQ(told.value("hubbub_method_duration_seconds_count", of_hub({{"method", "Echo"}})), 1);
  EXPECT_EQ(told.value("hubbub_method_duration_seconds_bucket", of_hub({{"method", "Echo"}, {"le", "+Inf"}})), 1);
  EXPECT_EQ(
      told.value("hubbub_received_bytes_total", of_hub({{"signalr_transport", "web_sockets"}, {"protocol", "json"}})),
      static_cast<double>(one.sent));
  EXPECT_EQ(got.body.find("Nobody"), std::string::npos);  // names that clients invent are not shown
  EXPECT_EQ(reader.ask("POST", "/internal/metrics").status, 405);
}

TEST_P(counted_server, counts_an_agreement_on_messagepack_and_those_who_agree_on_nothing) {
  start();
  wire_client packed(app->port());
  ASSERT_EQ(packed.upgrade("/busy").status, 101);
  packed.send_frame(1, "{\"protocol\":\"messagepack\",\"version\":1}\x1e");
  ASSERT_EQ(packed.frame().payload, "{}\x1e");
  auto mute = std::make_unique<hub_client>(app->port(), transport_kind::server_sent_events, false);

  const hub_metrics now = *app->metrics().hub("BusyHub");
  EXPECT_EQ(row(now, transport_kind::web_sockets, protocol_kind::messagepack).now, 1u);
  EXPECT_EQ(row(now, transport_kind::server_sent_events, std::nullopt).now, 1u);
  EXPECT_EQ(row(now, transport_kind::server_sent_events, std::nullopt).total, 0u);

  packed.send_close(1000);
  mute->leave();

  EXPECT_TRUE(await([](const server_metrics& later) { return later.hubs[0].connected() == 0; }));
  const hub_metrics after = *app->metrics().hub("BusyHub");
  EXPECT_EQ(row(after, transport_kind::web_sockets, protocol_kind::messagepack).total, 1u);
  EXPECT_EQ(row(after, transport_kind::server_sent_events, std::nullopt).total, 1u);
  EXPECT_EQ(after.ended_by(close_cause::client_closed), 1u);
  EXPECT_EQ(after.ended_by(close_cause::client_left), 1u);
}

TEST_P(counted_server, shows_what_waits_for_a_client_that_does_not_read_and_that_it_was_cut) {
  options.send_timeout = 3s;
  start();
  wire_client sleepy(app->port(), "127.0.0.1", 4096);
  ASSERT_EQ(sleepy.upgrade("/busy").status, 101);
  sleepy.send_frame(1, json_handshake);
  ASSERT_EQ(sleepy.frame().payload, "{}\x1e");

  sleepy.send_frame(1, call_of("Flood", "200"));

  EXPECT_TRUE(
      await([](const server_metrics& now) { return now.waiting_clients == 1 && now.outbox_bytes > 1'000'000; }));
  EXPECT_TRUE(await([](const server_metrics& now) { return now.hubs[0].ended_by(close_cause::send_timeout) == 1; }));
  EXPECT_EQ(app->metrics().slow_clients_ended, 1u);
  EXPECT_TRUE(await([](const server_metrics& now) { return now.waiting_clients == 0 && now.outbox_bytes == 0; }));
}

TEST_P(counted_server, counts_clients_for_whom_too_much_waited) {
  outbox_limit = 1024 * 1024;
  start();
  wire_client sleepy(app->port(), "127.0.0.1", 4096);
  ASSERT_EQ(sleepy.upgrade("/busy").status, 101);
  sleepy.send_frame(1, json_handshake);
  ASSERT_EQ(sleepy.frame().payload, "{}\x1e");

  sleepy.send_frame(1, call_of("Flood", "400"));

  EXPECT_TRUE(await([](const server_metrics& now) { return now.hubs[0].ended_by(close_cause::outbox_full) == 1; }));
  EXPECT_EQ(app->metrics().slow_clients_ended, 1u);
}

TEST_P(counted_server, counts_whom_its_limits_turn_away) {
  options.max_pending_connections = 2;
  options.max_request_head = 1024;
  options.max_request_body = 1000;
  start();
  wire_client one(app->port());
  for (int i = 0; i < 5; ++i) (void)one.ask("POST", "/busy/negotiate?negotiateVersion=1");
  (void)one.ask("POST", "/busy/negotiate?negotiateVersion=nonsense");
  (void)one.upgrade("/busy", "Origin: http://elsewhere.example\r\n");
  wire_client large(app->port());
  EXPECT_EQ(large.ask("GET", "/none", "X-Large: " + std::string(2000, 'x') + "\r\n").status, 431);
  wire_client long_body(app->port());
  long_body.send(post_request("/busy?id=x", std::string(2000, 'x')));
  EXPECT_EQ(long_body.answer().status, 413);

  const server_metrics now = app->metrics();

  EXPECT_EQ(now.negotiations_accepted, 2u);
  EXPECT_EQ(now.negotiations_refused, 1u);
  EXPECT_EQ(now.pending_connections, 2u);
  EXPECT_EQ(now.rejected_by(limit_kind::max_pending_connections), 3u);
  EXPECT_EQ(now.rejected_by(limit_kind::allowed_origins), 1u);
  EXPECT_EQ(now.rejected_by(limit_kind::max_request_head), 1u);
  EXPECT_EQ(now.rejected_by(limit_kind::max_request_body), 1u);
  EXPECT_EQ(now.rejected_by(limit_kind::max_connections), 0u);
  EXPECT_EQ(page().value("hubbub_rejected_total", {{"limit", "max_pending_connections"}}), 3);
}

TEST_P(counted_server, counts_sockets_beyond_the_limit) {
  options.max_connections = 2;
  start();
  wire_client first(app->port());
  wire_client second(app->port());
  EXPECT_EQ(first.ask("GET", "/none").status, 404);
  EXPECT_EQ(second.ask("GET", "/none").status, 404);

  wire_client third(app->port());
  EXPECT_EQ(third.answer().status, 503);

  const server_metrics now = app->metrics();
  EXPECT_EQ(now.rejected_by(limit_kind::max_connections), 1u);
  EXPECT_EQ(now.sockets, 2u);
  EXPECT_EQ(now.sockets_accepted, 2u);
  first.close();
  second.close();
  EXPECT_TRUE(await([](const server_metrics& later) { return later.sockets == 0; }));
}

TEST_P(counted_server, counts_raw_websockets) {
  websocket_handler echo;
  echo.on_message = [](raw_websocket& peer, websocket_kind, std::string_view text) { peer.send_text(text); };
  start([&](server& set) { set.map_websocket("/raw", echo); });
  wire_client one(app->port());
  ASSERT_EQ(one.upgrade("/raw").status, 101);
  one.send_frame(1, "hello");
  ASSERT_EQ(one.frame().payload, "hello");
  EXPECT_EQ(app->metrics().raw_websockets, 1u);

  one.send_close(1000);

  EXPECT_TRUE(await([](const server_metrics& now) { return now.raw_websockets == 0; }));
  EXPECT_EQ(app->metrics().raw_websockets_opened, 1u);
}

TEST_P(counted_server, may_be_read_at_any_time_from_any_thread) {
  app = std::make_unique<server>(options);
  app->use_logger(log);
  app->map<busy_hub>("/busy");
  app->metrics("/internal/metrics");
  EXPECT_TRUE(app->metrics().hubs.empty());
  std::atomic<bool> done{false};
  std::atomic<int> looks{0};
  std::thread onlooker([&] {
    std::uint64_t before = 0;
    while (!done) {
      const server_metrics now = app->metrics();
      const prometheus_page text(prometheus_text(now));  // throws when it is not consistent
      const hub_metrics* found = now.hub("BusyHub");
      const std::uint64_t calls = found == nullptr ? 0 : found->method("Echo")->calls;
      EXPECT_GE(calls, before);
      before = calls;
      ++looks;
    }
  });
  app->start();
  for (int round = 0; round < 3 || looks < 3; ++round) {
    for (const transport_kind by : all_transports) {
      hub_client one(app->port(), by);
      for (int i = 0; i < 20; ++i) std::ignore = one.call("Echo", "\"a\"");
      one.leave();
    }
  }
  app->stop();
  app->wait();
  done = true;
  onlooker.join();

  EXPECT_EQ(app->metrics().hubs[0].connected(), 0u);
  EXPECT_EQ(app->metrics().sockets, 0u);
}

INSTANTIATE_TEST_SUITE_P(shards, counted_server, testing::Values(1u, 3u), testing::PrintToStringParamName());

}  // namespace
}  // namespace hubbub_test
