// Event streams, byte by byte (transports.md 7); with one shard and with three.
#include <gtest/gtest.h>

#include <string>

#include "carried_client.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;

class event_streams : public testing::TestWithParam<unsigned> {
 protected:
  test_server server{quick_options(GetParam())};
};

TEST_P(event_streams, begin_with_exactly_these_headers_and_a_comment) {
  server.start();
  event_reader events(server.client(), negotiated(server));

  EXPECT_EQ(events.head().status, 200);
  EXPECT_EQ(events.head().header("Content-Type"), "text/event-stream");
  EXPECT_EQ(events.head().header("Cache-Control"), "no-cache,no-store");
  EXPECT_EQ(events.head().header("Pragma"), "no-cache");
  EXPECT_EQ(events.head().header("Content-Encoding"), "identity");
  EXPECT_EQ(events.head().header("X-Accel-Buffering"), "no");
  EXPECT_EQ(events.head().header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(events.chunk(), ":\r\n");
}

TEST_P(event_streams, carry_each_message_as_one_event) {
  server.start();
  const std::string token = negotiated(server);
  event_reader events(server.client(), token);
  ASSERT_EQ(events.chunk(), ":\r\n");
  wire_client poster = server.client();

  poster.send(post_request("/echo?id=" + token, "one"));
  ASSERT_EQ(poster.answer().status, 200);

  EXPECT_EQ(events.chunk(), "data: one\r\n\r\n");
}

TEST_P(event_streams, break_lines_where_the_message_does) {
  server.start();
  const std::string token = negotiated(server);
  event_reader events(server.client(), token);
  ASSERT_EQ(events.chunk(), ":\r\n");
  wire_client poster = server.client();

  poster.send(post_request("/echo?id=" + token, "one\r\ntwo\n"));
  ASSERT_EQ(poster.answer().status, 200);

  EXPECT_EQ(events.chunk(), "data: one\r\ndata: two\r\ndata: \r\n\r\n");
}

TEST_P(event_streams, go_without_chunks_to_http_1_0) {
  server.start();
  const std::string token = negotiated(server);
  wire_client old = server.client();
  old.send("GET /echo?id=" + token + " HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n");
  const wire_answer head = old.answer();
  EXPECT_EQ(head.header("Transfer-Encoding"), std::nullopt);
  wire_client poster = server.client();
  poster.send(post_request("/echo?id=" + token, "one"));
  ASSERT_EQ(poster.answer().status, 200);

  server.core.stop();

  EXPECT_EQ(old.read_to_end(), ":\r\ndata: one\r\n\r\ndata: goodbye\r\n\r\n");
}

TEST_P(event_streams, take_what_was_posted_before_them) {
  server.start();
  const std::string token = negotiated(server);
  wire_client poster = server.client();
  poster.send(post_request("/echo?id=" + token, "early"));
  EXPECT_EQ(poster.answer().status, 200);

  event_reader events(server.client(), token);

  EXPECT_EQ(events.event(), "early");
}

TEST_P(event_streams, are_one_for_each_token) {
  server.start();
  const std::string token = negotiated(server);
  event_reader events(server.client(), token);

  const event_reader second(server.client(), token);

  EXPECT_EQ(second.head().status, 409);
  EXPECT_EQ(second.head().body, "");
}

TEST_P(event_streams, end_with_the_last_chunk) {
  server.start();
  event_reader events(server.client(), negotiated(server));
  ASSERT_EQ(events.chunk(), ":\r\n");

  server.core.stop();

  EXPECT_EQ(events.event(), "goodbye");
  EXPECT_EQ(events.chunk(), "");
  EXPECT_TRUE(events.socket().ends());
}

INSTANTIATE_TEST_SUITE_P(shards, event_streams, testing::Values(1u, 3u));

}  // namespace
}  // namespace hubbub_test
