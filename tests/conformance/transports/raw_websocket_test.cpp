// Raw WebSockets: messages with their boundaries, and the close rules of RFC 6455 on the wire.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>

#include "hubbub/server.hpp"
#include "support/recording_logger.hpp"
#include "wire_client.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;

class raw_websockets : public testing::TestWithParam<unsigned> {
 protected:
  raw_websockets() : app({.port = 0, .threads = GetParam()}) {
    app.use_logger(log);
    websocket_handler echo;
    echo.on_open = [](raw_websocket& opened) { opened.data = std::make_shared<int>(0); };
    echo.on_message = [](raw_websocket& from, websocket_kind kind, std::string_view payload) {
      if (payload == "close") return from.close(3001, "enough");
      if (payload == "drop") return from.drop();
      if (payload == "throw") throw std::runtime_error("secret detail");
      if (payload == "path") return from.send_text(from.started_by().target());
      from.send(kind, payload);
    };
    echo.on_close = [this](raw_websocket&, std::uint16_t code) { closed.set_value(code); };
    app.map_websocket("/raw", echo, {.max_message_size = 100'000});
    app.start();
  }
  [[nodiscard]] wire_client open() {
    wire_client fresh(app.port());
    if (fresh.upgrade("/raw?x=1").status != 101) throw std::runtime_error("no WebSocket");
    return fresh;
  }

  std::promise<std::uint16_t> closed;
  std::shared_ptr<recording_logger> log = std::make_shared<recording_logger>();
  server app;
};

TEST_P(raw_websockets, keep_messages_whole_and_of_their_kind) {
  wire_client client = open();
  client.send_frame(1, "text");
  client.send_frame(2, std::string("\0\xff", 2));
  client.send(masked_frame(1, "frag", false) + masked_frame(0, "", false) + masked_frame(0, "ments", true));
  client.send_frame(2, "");
  client.send_frame(1, std::string(70'000, 'y'));

  const wire_frame text = client.frame();
  EXPECT_EQ(text.opcode, 1);
  EXPECT_EQ(text.payload, "text");
  const wire_frame binary = client.frame();
  EXPECT_EQ(binary.opcode, 2);
  EXPECT_EQ(binary.payload, std::string("\0\xff", 2));
  EXPECT_EQ(client.frame().payload, "fragments");
  EXPECT_EQ(client.frame().payload, "");
  EXPECT_EQ(client.frame().payload, std::string(70'000, 'y'));
}

TEST_P(raw_websockets, know_the_request_that_opened_them) {
  wire_client client = open();
  client.send_frame(1, "path");
  EXPECT_EQ(client.frame().payload, "/raw?x=1");
}

TEST_P(raw_websockets, echo_the_code_of_a_close) {
  wire_client client = open();

  client.send_close(4321);

  const wire_frame answer = client.frame();
  EXPECT_EQ(answer.opcode, 8);
  EXPECT_EQ(answer.close_code(), 4321);
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(closed.get_future().get(), 4321);
}

TEST_P(raw_websockets, answer_an_empty_close_with_an_empty_one) {
  wire_client client = open();
  client.send_frame(8, "");
  const wire_frame answer = client.frame();
  EXPECT_EQ(answer.opcode, 8);
  EXPECT_EQ(answer.payload, "");
  EXPECT_EQ(closed.get_future().get(), 1005);
}

TEST_P(raw_websockets, report_an_end_without_a_close) {
  wire_client client = open();
  client.close();
  EXPECT_EQ(closed.get_future().get(), 1006);
}

TEST_P(raw_websockets, close_with_the_code_and_reason_of_the_application) {
  wire_client client = open();
  client.send_frame(1, "last words");
  client.send_frame(1, "close");

  EXPECT_EQ(client.frame().payload, "last words");
  const wire_frame close = client.frame();
  EXPECT_EQ(close.close_code(), 3001);
  EXPECT_EQ(close.payload.substr(2), "enough");
  client.send_close(3001);
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(closed.get_future().get(), 3001);
}

TEST_P(raw_websockets, may_be_dropped) {
  wire_client client = open();
  client.send_frame(1, "drop");
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(closed.get_future().get(), 1006);
}

TEST_P(raw_websockets, close_with_1011_when_the_application_throws) {
  wire_client client = open();
  client.send_frame(1, "throw");
  EXPECT_EQ(client.frame().close_code(), 1011);
  EXPECT_EQ(log->count("secret detail"), 1u);
}

TEST_P(raw_websockets, refuse_what_breaks_the_protocol) {
  struct {
    const char* what;
    std::string bytes;
    int code;
  } const attacks[] = {
      {"a frame without mask", std::string("\x81\x01x", 3), 1002},
      {"a reserved bit", std::string("\xc1\x80\0\0\0\0", 6), 1002},
      {"an unknown opcode", std::string("\x83\x80\0\0\0\0", 6), 1002},
      {"a close frame of one byte", masked_frame(8, "x"), 1002},
      {"a close code that must not be sent", masked_frame(8, std::string("\x03\xee", 2)), 1002},
      {"text that is no UTF-8", masked_frame(1, "\xc0\x80"), 1007},
      {"a message above the limit", masked_frame(2, std::string(100'001, 'x')), 1009},
  };
  for (const auto& attack : attacks) {
    wire_client client(app.port());
    ASSERT_EQ(client.upgrade("/raw").status, 101);
    client.send(attack.bytes);
    EXPECT_EQ(client.frame().close_code(), attack.code) << attack.what;
    client.close();
    EXPECT_EQ(closed.get_future().get(), 1006) << attack.what;
    closed = {};
  }
}

TEST_P(raw_websockets, end_with_1001_when_the_server_stops) {
  wire_client client = open();
  client.send_frame(1, "x");
  EXPECT_EQ(client.frame().payload, "x");

  app.stop();

  EXPECT_EQ(client.frame().close_code(), 1001);
  client.send_close(1001);
  app.wait();
}

TEST_P(raw_websockets, are_not_for_plain_requests) {
  wire_client client(app.port());
  EXPECT_EQ(client.ask("GET", "/raw").status, 426);
}

INSTANTIATE_TEST_SUITE_P(shards, raw_websockets, testing::Values(1u, 3u), testing::PrintToStringParamName());

}  // namespace
}  // namespace hubbub_test
