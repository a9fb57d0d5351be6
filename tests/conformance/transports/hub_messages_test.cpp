// Messages of both hub protocols over every transport that carries them (transports.md 4, hub-protocol.md 2); with one
// shard and with three.
#include <gtest/gtest.h>

#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "carried_client.hpp"
#include "hubbub/hub.hpp"
#include "support/wire_form.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using nlohmann::json;

class talking_hub : public hub<talking_hub> {
 public:
  std::string echo(std::string text) { return text; }
  void broadcast(std::string text) { clients().all().send("Receive", text); }
  using methods = hubbub::methods<&talking_hub::echo, &talking_hub::broadcast>;
};

struct hub_cell {
  carriage how;
  wire_form form = wire_form::json;
  friend void PrintTo(const hub_cell& what, std::ostream* out) {
    *out << name_of(what.form) << " over ";
    PrintTo(what.how, out);
  }
};

// Event streams are text.
bool carries(transport_kind by, wire_form form) {
  return by != transport_kind::server_sent_events || form == wire_form::json;
}

std::vector<hub_cell> legal_cells() {
  std::vector<hub_cell> all;
  for (const carriage& how : all_carriages()) {
    for (const wire_form form : {wire_form::json, wire_form::messagepack}) {
      if (carries(how.by, form)) all.push_back({how, form});
    }
  }
  return all;
}

std::string handshake_of(wire_form form) {
  return R"({"protocol":")" + std::string(name_of(form)) + "\",\"version\":1}\x1e";
}

json call_of(const std::string& id, const std::string& target, const std::string& text) {
  return {{"type", 1}, {"invocationId", id}, {"target", target}, {"arguments", json::array({text})}};
}
json completion_of(const std::string& id, const std::string& text) {
  return {{"type", 3}, {"invocationId", id}, {"result", text}};
}

// A client that reads hub messages out of transport messages, each of which must hold whole ones.
class talking_client {
 public:
  talking_client(const test_server& server, carriage how, wire_form form) : wire(server, how, "/talk"), form_(form) {}
  void shake_hands() {
    wire.send(handshake_of(form_));  // as text, as the JavaScript client does in any protocol
    ASSERT_EQ(wire.message(), "{}\x1e");
  }
  void say(const std::string& bytes) { wire.send(bytes, form_ == wire_form::json ? 1 : 2); }
  void say(const json& message) { say(encoded(message, form_)); }
  json next() {
    while (unread_.empty()) {
      std::string received = wire.message();
      if (received.empty()) return {};
      while (auto message = take_message(received, form_)) unread_.push_back(std::move(*message));
      EXPECT_EQ(received, "") << "a hub message was cut in two";
    }
    json first = std::move(unread_.front());
    unread_.erase(unread_.begin());
    return first;
  }

  carried_client wire;

 private:
  wire_form form_;
  std::vector<json> unread_;
};

// A server with the hub at `/talk`, started.
class talking_server : public test_server {
 public:
  explicit talking_server(carriage how) : test_server(quick_options(how.shards)) {
    core.map_hub("/talk", make_hub_endpoint<talking_hub>(core.host()));
    if (how.tls) use_tls();
    start();
  }
};

class hub_messages : public testing::TestWithParam<hub_cell> {
 protected:
  talking_server server{GetParam().how};
  talking_client client{server, GetParam().how, GetParam().form};
};

TEST_P(hub_messages, begin_with_an_answer_to_the_handshake_that_is_alone_and_in_the_format_of_the_protocol) {
  client.wire.send(handshake_of(GetParam().form) + encoded(call_of("0", "Echo", "early"), GetParam().form),
                   GetParam().form == wire_form::json ? 1 : 2);

  EXPECT_EQ(client.wire.message(), "{}\x1e");
  if (GetParam().how.by == transport_kind::web_sockets) {
    EXPECT_EQ(client.wire.opcode(), GetParam().form == wire_form::json ? 1 : 2);
  }
  EXPECT_EQ(client.next(), completion_of("0", "early"));
}

TEST_P(hub_messages, carry_whatever_a_text_may_hold) {
  using namespace std::string_literals;
  const std::string text = "lines\n\r\n, data: x\r\n\r\n, \x1e, \0, \xc3\xbc, \xe6\xbc\xa2, \xf0\x9f\x98\x80, \"\\"s;
  client.shake_hands();

  client.say(call_of("0", "Echo", text));

  EXPECT_EQ(client.next(), completion_of("0", text));
  if (GetParam().how.by == transport_kind::web_sockets) {
    EXPECT_EQ(client.wire.opcode(), GetParam().form == wire_form::json ? 1 : 2);
  }
}

TEST_P(hub_messages, of_every_size_of_length_come_back) {
  client.shake_hands();
  int id = 0;
  for (const std::size_t size : {0u, 1u, 31u, 32u, 100u, 127u, 128u, 255u, 256u, 16'300u, 16'384u, 30'000u}) {
    const std::string text(size, 'x');

    client.say(call_of(std::to_string(id), "Echo", text));

    EXPECT_EQ(client.next(), completion_of(std::to_string(id), text)) << size;
    ++id;
  }
}

TEST_P(hub_messages, may_be_cut_and_joined_by_the_sender) {
  client.shake_hands();
  std::string all;
  for (int id = 0; id < 5; ++id) all += encoded(call_of(std::to_string(id), "Echo", "together"), GetParam().form);

  for (std::size_t at = 0; at < all.size(); at += 37) client.say(all.substr(at, 37));

  for (int id = 0; id < 5; ++id) EXPECT_EQ(client.next(), completion_of(std::to_string(id), "together"));
}

TEST_P(hub_messages, reach_clients_of_either_protocol_at_once) {
  client.shake_hands();
  talking_client other(server, {transport_kind::web_sockets, GetParam().how.shards, GetParam().how.tls},
                       GetParam().form == wire_form::json ? wire_form::messagepack : wire_form::json);
  other.shake_hands();
  other.say(call_of("0", "Echo", "is there"));
  ASSERT_EQ(other.next(), completion_of("0", "is there"));

  client.say(call_of("0", "Broadcast", "to all"));

  const json received = {{"type", 1}, {"target", "Receive"}, {"arguments", json::array({"to all"})}};
  EXPECT_EQ(client.next(), received);
  EXPECT_EQ(other.next(), received);
}

TEST_P(hub_messages, end_with_a_goodbye_when_the_server_stops) {
  client.shake_hands();
  client.say(call_of("0", "Echo", "is there"));
  ASSERT_EQ(client.next(), completion_of("0", "is there"));
  client.wire.listen();

  server.core.stop();

  EXPECT_EQ(client.next(), (json{{"type", 7}, {"allowReconnect", true}}));
}

INSTANTIATE_TEST_SUITE_P(of, hub_messages, testing::ValuesIn(legal_cells()));

class text_transports : public testing::TestWithParam<unsigned> {};

TEST_P(text_transports, refuse_messagepack_in_the_handshake) {
  const carriage how{transport_kind::server_sent_events, GetParam()};
  talking_server server(how);
  carried_client client(server, how, "/talk");

  client.send(handshake_of(wire_form::messagepack));

  EXPECT_EQ(client.message(),
            "{\"error\":\"Cannot use the 'messagepack' protocol on the current transport. The transport does not "
            "support 'Binary' transfer format.\"}\x1e");
  EXPECT_EQ(client.message(), "");
}

INSTANTIATE_TEST_SUITE_P(shards, text_transports, testing::Values(1u, 3u));

class choice_of_protocols : public testing::TestWithParam<unsigned> {};

TEST_P(choice_of_protocols, is_limited_to_those_that_are_mapped) {
  test_server server(quick_options(GetParam()));
  server.core.map_hub("/talk", make_hub_endpoint<talking_hub>(server.core.host()))
      .protocols({protocol_kind::messagepack});
  server.start();
  const carriage how{transport_kind::web_sockets, GetParam()};
  talking_client good(server, how, wire_form::messagepack);
  talking_client bad(server, how, wire_form::json);

  good.shake_hands();
  bad.wire.send(handshake_of(wire_form::json));

  EXPECT_EQ(bad.wire.message(), "{\"error\":\"The protocol 'json' is not supported.\"}\x1e");
  EXPECT_EQ(bad.wire.message(), "");
  good.say(call_of("0", "Echo", "fine"));
  EXPECT_EQ(good.next(), completion_of("0", "fine"));
}

TEST_P(choice_of_protocols, is_not_none) {
  test_server server(quick_options(GetParam()));
  endpoint_builder& mapped = server.core.map_hub("/talk", make_hub_endpoint<talking_hub>(server.core.host()));

  EXPECT_THROW(mapped.protocols({}), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(shards, choice_of_protocols, testing::Values(1u, 3u));

}  // namespace
}  // namespace hubbub_test
