// Requests of every kind one behind the other on one connection, cut anywhere: each is answered, in their order, also
// behind a client that has ended its side, before an upgrade and before an event stream. Plain and with TLS, with one
// shard and with three.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "carried_client.hpp"
#include "hubbub/core/sleep.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

constexpr int requests = 60;

struct place {
  unsigned shards;
  bool tls;
};

void PrintTo(const place& one, std::ostream* out) {
  *out << one.shards << (one.shards == 1 ? " shard" : " shards") << (one.tls ? ", TLS" : "");
}

class pipeline : public testing::TestWithParam<place> {
 protected:
  pipeline() : server(quick_options(GetParam().shards)) {
    const auto add = [&](const char* path, auto handle) {
      server.core.whole().routes.add(route_kind::exact, path, page_route{std::move(handle)});
    };
    add("/now", plain_page([](const request& asked) { return response::text("now " + number_of(asked)); }));
    add("/large", plain_page([](const request&) { return response::text(std::string(large, 'x')); }));
    add("/later", task_page([](const request& asked) -> task<response> {
          co_await sleep(1ms);
          co_return response::text("later " + number_of(asked));
        }));
    if (GetParam().tls) server.use_tls();
    server.start();
    polled = negotiated(server);
    EXPECT_EQ(server.client().ask("GET", "/echo?id=" + polled).status, 200);
  }
  static std::string number_of(const request& asked) { return std::string(asked.query("n").value_or("")); }
  static std::string head(const std::string& method, const std::string& target) {
    return method + " " + target + " HTTP/1.1\r\nHost: test\r\n";
  }

  // Adds one request, and what is expected of its answer.
  void add(int kind) {
    const std::string n = std::to_string(expected.size());
    const std::string body = "GET /now HTTP/1.1\r\n\r\n" + std::string(random() % 3'000, 'b');
    const auto says = [this](int status, const std::string& text, bool head_only = false) {
      expected.push_back([=](wire_client& client) {
        const wire_answer got = client.answer(head_only);
        return got.status == status && (text.empty() || got.body == text);
      });
    };
    switch (kind) {
      case 0:
      case 1: sent += head("GET", "/now?n=" + n) + "\r\n"; return says(200, "now " + n);
      case 2: sent += head("GET", "/later?n=" + n) + "\r\n"; return says(200, "later " + n);
      case 3: sent += head("HEAD", "/now?n=" + n) + "\r\n"; return says(200, {}, true);
      case 4:
        sent += head("POST", "/none") + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        return says(404, {});
      case 5:
        sent += head("POST", "/none") + "Transfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n\r\n";
        return says(404, {});
      case 6: sent += head("GET", "/large") + "\r\n"; return says(200, std::string(large, 'x'));
      default:
        sent += post_request("/echo?id=" + polled, "message " + n);
        says(200, {});
        sent += head("GET", "/echo?id=" + polled) + "\r\n";
        return says(200, "message " + n);
    }
  }
  void add_many() {
    while (expected.size() < requests) add(static_cast<int>(random() % 8));
  }
  void send(wire_client& client) {
    std::string_view rest = sent;
    while (!rest.empty()) {
      const std::size_t piece = std::min<std::size_t>(rest.size(), 1 + random() % 4'000);
      client.send(rest.substr(0, piece));
      rest.remove_prefix(piece);
    }
  }
  void expect_all(wire_client& client) {
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_TRUE(expected[i](client)) << i << " of " << seed;
  }
  void begin(unsigned with) {
    seed = with;
    random.seed(with);
    sent.clear();
    expected.clear();
  }

  static constexpr std::size_t large = 100'000;
  test_server server;
  std::string polled;
  std::minstd_rand random;
  unsigned seed = 0;
  std::string sent;
  std::vector<std::function<bool(wire_client&)>> expected;
};

TEST_P(pipeline, is_answered_in_its_order) {
  for (unsigned i = 1; i <= 20; ++i) {
    begin(i);
    add_many();
    wire_client client = server.client(i % 2 == 0 ? 4096 : 0);

    send(client);

    expect_all(client);
  }
}

TEST_P(pipeline, ends_in_a_websocket) {
  for (unsigned i = 1; i <= 20; ++i) {
    begin(i);
    add_many();
    sent += upgrade_request("/echo") + masked_frame(1, "eager");
    wire_client client = server.client(i % 2 == 0 ? 4096 : 0);

    send(client);

    expect_all(client);
    EXPECT_EQ(client.answer().status, 101);
    EXPECT_EQ(client.data(5), "eager");
    client.send_close(1000);
    EXPECT_EQ(client.frame().close_code(), 1000);
  }
}

TEST_P(pipeline, ends_in_an_event_stream) {
  for (unsigned i = 1; i <= 20; ++i) {
    begin(i);
    add_many();
    const std::string streamed = negotiated(server);
    sent += head("GET", "/echo?id=" + streamed) + "Accept: text/event-stream\r\n\r\n";
    wire_client client = server.client(i % 2 == 0 ? 4096 : 0);

    send(client);

    expect_all(client);
    EXPECT_EQ(client.answer().status, 200);
    EXPECT_EQ(client.chunk(), ":\r\n");
    wire_client poster = server.client();
    poster.send(post_request("/echo?id=" + streamed, "event"));
    EXPECT_EQ(poster.answer().status, 200);
    EXPECT_EQ(client.chunk(), "data: event\r\n\r\n");
  }
}

// All but requests that wait for something: those are given up with their client.
TEST_P(pipeline, is_answered_to_a_client_that_has_ended_its_side) {
  for (unsigned i = 1; i <= 20; ++i) {
    begin(i);
    while (expected.size() < requests)
      add(static_cast<int>(random() % 7) == 2 ? 6 : static_cast<int>(random() % 2) * 3);
    wire_client client = server.client(i % 2 == 0 ? 4096 : 0);

    send(client);
    if (client.tls() != nullptr && i % 3 != 0) SSL_shutdown(client.tls());
    if (client.tls() == nullptr || i % 3 != 1) client.end_sending();

    expect_all(client);
    EXPECT_EQ(client.read_to_end(), "");
  }
}

INSTANTIATE_TEST_SUITE_P(of, pipeline,
                         testing::Values(place{1, false}, place{3, false}, place{1, true}, place{3, true}));

}  // namespace
}  // namespace hubbub_test
