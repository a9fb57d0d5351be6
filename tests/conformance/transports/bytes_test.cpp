// Bytes in = bytes out, in order, whatever their size and however they are cut; with one shard and with three.
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "server_fixture.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;

class bytes_over_websockets : public testing::TestWithParam<unsigned> {
 protected:
  test_server server{quick_options(GetParam())};
};

std::string pattern(std::size_t size, unsigned seed) {
  std::string made(size, '\0');
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>('a' + (i * 7 + seed) % 26);
  return made;
}

TEST_P(bytes_over_websockets, come_back_in_order) {
  server.start();
  wire_client client = server.websocket();
  std::string expected;
  std::string sent;
  for (unsigned i = 0; i < 500; ++i) {
    const std::string message = pattern(1 + i * 13 % 700, i);
    expected += message;
    sent += masked_frame(i % 2 == 0 ? 1 : 2, message);
  }

  client.send(sent);

  EXPECT_EQ(client.data(expected.size()), expected);
}

TEST_P(bytes_over_websockets, may_arrive_one_at_a_time) {
  server.start();
  wire_client client = server.websocket();
  for (const char byte : masked_frame(1, "slowly")) client.send({&byte, 1});

  EXPECT_EQ(client.data(6), "slowly");
}

TEST_P(bytes_over_websockets, may_follow_the_upgrade_at_once) {
  server.start();
  wire_client client = server.client();

  client.send(upgrade_request("/echo") + masked_frame(1, "eager"));

  EXPECT_EQ(client.answer().status, 101);
  EXPECT_EQ(client.data(5), "eager");
}

TEST_P(bytes_over_websockets, may_follow_the_upgrade_with_a_ping_and_a_close) {
  server.start();
  wire_client client = server.client();

  client.send(upgrade_request("/echo") + masked_frame(9, "early") + masked_frame(8, ""));

  EXPECT_EQ(client.answer().status, 101);
  EXPECT_EQ(client.frame().payload, "early");
  EXPECT_EQ(client.frame().close_code(), 1000);
  EXPECT_TRUE(client.ends());
}

TEST_P(bytes_over_websockets, of_megabytes_are_all_there) {
  server.start();
  wire_client client = server.websocket();
  const std::string large = pattern(3 * 1024 * 1024, 5);
  auto sending = std::async(std::launch::async, [&] { client.send(masked_frame(2, large)); });

  const std::string back = client.data(large.size());

  sending.get();
  EXPECT_TRUE(back == large);
}

TEST_P(bytes_over_websockets, in_fragments_with_pings_between_them) {
  server.start();
  wire_client client = server.websocket();
  client.send(masked_frame(1, "one ", false) + masked_frame(9, "ping") + masked_frame(0, "two", true));

  std::string data;
  bool pong = false;
  while (data.size() < 7 || !pong) {
    const wire_frame next = client.frame();
    ASSERT_GE(next.opcode, 0);
    if (next.opcode == 10) {
      pong = next.payload == "ping";
    } else {
      data += next.payload;
    }
  }

  EXPECT_EQ(data, "one two");
}

TEST_P(bytes_over_websockets, of_many_clients_do_not_mix) {
  server.start();
  std::vector<wire_client> clients;
  for (unsigned i = 0; i < 50; ++i) clients.push_back(server.websocket());
  for (unsigned i = 0; i < 50; ++i) clients[i].send_frame(1, pattern(300, i));

  for (unsigned i = 0; i < 50; ++i) EXPECT_EQ(clients[i].data(300), pattern(300, i));

  EXPECT_EQ(server.echo->shards_used().size(), GetParam());
}

TEST_P(bytes_over_websockets, wait_while_reading_is_paused) {
  std::atomic<connection*> paused{nullptr};
  auto handler = std::make_shared<echo_handler>(connection_limits{}, [&](connection& who, bytes_view received) {
    if (received == "pause") {
      who.pause_input();
      paused = &who;
      who.send_copy("paused");
      return;
    }
    who.send_copy(received);
  });
  test_server pausing(quick_options(GetParam()), handler);
  pausing.start();
  wire_client client = pausing.websocket();
  client.send_frame(1, "pause");
  ASSERT_EQ(client.data(6), "paused");
  const std::string more = masked_frame(2, pattern(64 * 1024, 1));
  std::size_t sent = 0;
  while (client.try_send(more)) ++sent;  // until all buffers are full: nobody reads

  paused.load()->home().post([who = paused.load()] { who->resume_input(); });

  EXPECT_GT(client.data(64 * 1024).size(), 0u);
  EXPECT_GT(sent, 0u);
}

TEST_P(bytes_over_websockets, do_not_keep_a_paused_connection_from_ending) {
  auto handler = std::make_shared<echo_handler>(connection_limits{}, [](connection& who, bytes_view) {
    who.pause_input();
    who.send_copy("paused");
  });
  test_server pausing(quick_options(GetParam()), handler);
  pausing.start();
  wire_client client = pausing.websocket();
  client.send_frame(1, "x");
  ASSERT_EQ(client.data(6), "paused");

  client.close();

  EXPECT_EQ(handler->next_end().cause, close_cause::client_left);
}

TEST_P(bytes_over_websockets, are_not_delayed_by_the_kernel) {
  server.start();
  wire_client client = server.websocket();
  std::promise<int> found;
  for (unsigned i = 0; i < GetParam(); ++i) {
    shard_server& part = *server.core.whole().shards[i];
    part.home().post([&] {
      part.sockets().each(0, 1, [&](hubbub::socket& one) {
        int on = 0;
        socklen_t size = sizeof on;
        ::getsockopt(one.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, &size);
        found.set_value(on);
      });
    });
  }

  EXPECT_NE(found.get_future().get(), 0) << "TCP_NODELAY was not inherited from the listening socket";
}

INSTANTIATE_TEST_SUITE_P(shards, bytes_over_websockets, testing::Values(1u, 3u), testing::PrintToStringParamName());

}  // namespace
}  // namespace hubbub_test
