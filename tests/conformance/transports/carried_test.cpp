// What every transport promises, whatever carries the bytes (transports.md 4, 5, 12, 14); with one shard and with
// three.
#include <gtest/gtest.h>

#include <string>

#include "carried_client.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;

class carried : public testing::TestWithParam<carriage> {
 protected:
  explicit carried(echo_handler::receive on_bytes = {}, connection_limits limits = {})
      : server(quick_options(GetParam().shards), std::make_shared<echo_handler>(limits, std::move(on_bytes))) {
    if (GetParam().tls) server.use_tls();
  }
  carried_client& connect() {
    clients_.push_back(std::make_unique<carried_client>(server, GetParam()));
    return *clients_.back();
  }
  test_server server;

 private:
  std::vector<std::unique_ptr<carried_client>> clients_;
};

std::string text_of(std::size_t size) {
  std::string made(size, '\0');
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>('a' + i * 7 % 26);
  return made;
}

TEST_P(carried, bytes_come_back) {
  server.start();
  carried_client& client = connect();

  client.send("hello");

  EXPECT_EQ(client.receive(5), "hello");
}

TEST_P(carried, messages_keep_their_order) {
  server.start();
  carried_client& client = connect();
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    client.send(std::to_string(i) + ",");
    expected += std::to_string(i) + ",";
  }

  EXPECT_EQ(client.receive(expected.size()), expected);
}

TEST_P(carried, a_megabyte_comes_back_whole) {
  server.start();
  carried_client& client = connect();
  const std::string large = text_of(1'000'000);

  client.send(large);

  EXPECT_EQ(client.receive(large.size()), large);
}

TEST_P(carried, several_clients_do_not_mix) {
  server.start();
  carried_client& first = connect();
  carried_client& second = connect();

  first.send("first");
  second.send("second");

  EXPECT_EQ(second.receive(6), "second");
  EXPECT_EQ(first.receive(5), "first");
}

TEST_P(carried, another_transport_for_the_same_token_is_refused) {
  server.start();
  carried_client& client = connect();
  const std::string target = "/echo?id=" + client.token();

  if (GetParam().by != transport_kind::web_sockets) {
    EXPECT_EQ(server.client().upgrade(target).body, "Cannot change transports mid-connection");
  }
  if (GetParam().by != transport_kind::server_sent_events) {
    EXPECT_EQ(event_reader(server.client(), client.token()).head().body, "Cannot change transports mid-connection");
  }
  if (GetParam().by != transport_kind::long_polling) {
    EXPECT_EQ(server.client().ask("GET", target).body, "Cannot change transports mid-connection");
    EXPECT_EQ(server.client().ask("DELETE", target).body,
              "Cannot terminate this connection using the DELETE endpoint.");
  }
  client.send("still here");
  EXPECT_EQ(client.receive(10), "still here");
}

TEST_P(carried, the_token_dies_with_the_connection) {
  if (GetParam().by == transport_kind::long_polling) {
    server.core.whole().options.disconnect_timeout = std::chrono::milliseconds(1);  // its line cannot break
  }
  server.start();
  carried_client& client = connect();
  const std::string target = "/echo?id=" + client.token();
  client.leave();

  EXPECT_EQ(server.echo->next_end().cause, close_cause::client_left);

  EXPECT_EQ(server.client().ask("POST", target).status, 404);
  EXPECT_EQ(server.client().ask("GET", target).status, 404);
  EXPECT_EQ(server.client().upgrade(target).status, 404);
}

TEST_P(carried, a_stop_says_goodbye) {
  server.start();
  carried_client& client = connect();
  client.listen();

  server.core.stop();

  EXPECT_EQ(client.message(), "goodbye");
  client.leave();
}

class ended_by_the_server : public carried {
 protected:
  ended_by_the_server()
      : carried([](connection& who, bytes_view received) {
          who.send_copy(received);
          if (received == "finish") who.finish(ending::normal);
          if (received == "drop") who.drop();
        }) {}
};

TEST_P(ended_by_the_server, what_is_queued_leaves_before_the_end) {
  server.start();
  carried_client& client = connect();

  client.send("finish");

  EXPECT_EQ(client.message(), "finish");
  EXPECT_EQ(client.message(), "");
  const int over = GetParam().by == transport_kind::web_sockets ? 405 : 404;
  EXPECT_EQ(server.client().ask("POST", "/echo?id=" + client.token()).status, over);
}

TEST_P(ended_by_the_server, a_drop_ends_it_at_once) {
  server.start();
  carried_client& client = connect();

  client.send("drop");

  EXPECT_EQ(client.message(), "");
}

class with_little_room : public carried {
 protected:
  with_little_room()
      : carried(
            [](connection& who, bytes_view received) {
              for (int i = 0; i < 64; ++i) who.send_copy(received);
            },
            {.outbox = 64 * 1024}) {}
};

TEST_P(with_little_room, a_client_that_does_not_read_ends_alone) {
  server.start();
  carried_client& slow = connect();
  carried_client& other = connect();
  const std::string lump = text_of(256 * 1024);

  slow.send(lump);  // 16 MiB of answers, more than sockets take

  EXPECT_EQ(server.echo->next_end().cause, close_cause::outbox_full);
  other.send("x");
  EXPECT_EQ(other.receive(64).substr(0, 64), std::string(64, 'x'));
}

class early_posts : public testing::TestWithParam<unsigned> {};

TEST_P(early_posts, come_before_the_frames_of_a_websocket) {
  test_server server(quick_options(GetParam()));
  server.start();
  const std::string target = "/echo?id=" + negotiated(server);
  for (const char* text : {"one,", "two,"}) {
    wire_client poster = server.client();
    poster.send(post_request(target, text));
    ASSERT_EQ(poster.answer().status, 200);
  }
  wire_client too_much = server.client();
  too_much.send(post_request(target, std::string(64 * 1024, 'x')));  // waits: there is room for 64 KiB

  wire_client socket = server.websocket(target);
  socket.send_frame(1, "three");

  std::string got;
  while (got.size() < 13) got += socket.frame().payload;
  EXPECT_EQ(got, "one,two,three");
  EXPECT_EQ(too_much.answer().status, 405);
}

INSTANTIATE_TEST_SUITE_P(shards, early_posts, testing::Values(1u, 3u), testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(over, carried, testing::ValuesIn(all_carriages()));
INSTANTIATE_TEST_SUITE_P(over, ended_by_the_server, testing::ValuesIn(all_carriages()));
INSTANTIATE_TEST_SUITE_P(over, with_little_room, testing::ValuesIn(all_carriages()));

}  // namespace
}  // namespace hubbub_test
