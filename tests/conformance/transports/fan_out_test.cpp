// One message to many: every client gets all of them in order, also those that read slowly, beside those that are gone,
// and before a goodbye. Many are flushed at a time then, which TLS does in another way than for one. With one shard and
// with three.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "carried_client.hpp"
#include "hubbub/hub.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;
using namespace std::chrono_literals;

constexpr int crowd = 40;
constexpr char separator = '\x1e';

class crier : public hub<crier> {
 public:
  explicit crier(std::atomic<int>& present) : present_(present) {}
  void on_connected() { ++present_; }
  void on_disconnected(const close_reason&) { --present_; }
  void cry(int count, int size) {
    for (int i = 0; i < count; ++i) clients().all().send("Heard", i, std::string(static_cast<std::size_t>(size), 'x'));
  }
  using methods = hubbub::methods<&crier::cry>;

 private:
  std::atomic<int>& present_;
};

std::string message_of(int number, int size) {
  return R"({"type":1,"target":"Heard","arguments":[)" + std::to_string(number) + ",\"" +
         std::string(static_cast<std::size_t>(size), 'x') + "\"]}" + separator;
}

std::string all_of(int count, int size) {
  std::string all;
  for (int i = 0; i < count; ++i) all += message_of(i, size);
  return all;
}

std::string cry_of(int count, int size) {
  return R"({"type":1,"target":"Cry","arguments":[)" + std::to_string(count) + "," + std::to_string(size) + "]}" +
         separator;
}

const std::string handshake = std::string(R"({"protocol":"json","version":1})") + separator;

std::vector<carriage> carriages_of(const std::vector<transport_kind>& wanted) {
  std::vector<carriage> made;
  for (const carriage& one : all_carriages()) {
    if (std::find(wanted.begin(), wanted.end(), one.by) != wanted.end()) made.push_back(one);
  }
  return made;
}

class fan_out : public testing::TestWithParam<carriage> {
 protected:
  fan_out() : server(options()) {
    auto hub = make_hub_endpoint<crier>(server.core.host(), std::ref(present));
    hub->settings().outbox_limit = 16 * 1024 * 1024;
    server.core.map_hub("/cry", hub);
    if (GetParam().tls) server.use_tls();
    server.start();
  }
  static server_options options() {
    server_options made = quick_options(GetParam().shards);
    made.send_timeout = 60s;  // for builds that are slow themselves
    return made;
  }
  // Waits until so many are connected, or have been told to have left.
  void await_present(int count) const {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (present != count && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    ASSERT_EQ(present, count);
  }

  std::atomic<int> present{0};
  test_server server;
};

class over_every_transport : public fan_out {
 protected:
  over_every_transport() {
    for (int i = 0; i < crowd; ++i) {
      clients.push_back(std::make_unique<carried_client>(server, GetParam(), "/cry"));
      clients.back()->send(handshake);
      EXPECT_EQ(clients.back()->message(), std::string("{}") + separator);
    }
    await_present(crowd);
  }
  std::vector<std::unique_ptr<carried_client>> clients;
};

TEST_P(over_every_transport, all_get_all_in_order) {
  for (const int size : {1, 200, 5'000, 16'300, 16'400, 70'000}) {
    const std::string expected = all_of(5, size);

    clients.front()->send(cry_of(5, size));

    for (auto& one : clients) ASSERT_TRUE(one->receive(expected.size()) == expected) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(of, over_every_transport, testing::ValuesIn(all_carriages()));

class over_what_stays_open : public over_every_transport {};

TEST_P(over_what_stays_open, all_get_all_before_a_goodbye) {
  const std::string expected = all_of(20, 2'000);
  clients.front()->send(cry_of(20, 2'000));
  ASSERT_TRUE(clients.front()->receive(expected.size()) == expected);

  server.core.stop();

  const std::string goodbye = std::string(R"({"type":7,"allowReconnect":true})") + separator;
  for (std::size_t i = 1; i < clients.size(); ++i) {
    ASSERT_TRUE(clients[i]->receive(expected.size() + goodbye.size()) == expected + goodbye) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(of, over_what_stays_open,
                         testing::ValuesIn(carriages_of({transport_kind::web_sockets,
                                                         transport_kind::server_sent_events})));

class over_websockets : public fan_out {
 protected:
  wire_client join(int receive_room = 0) const {
    wire_client fresh = server.client(receive_room);
    EXPECT_EQ(fresh.upgrade("/cry").status, 101);
    fresh.send_frame(1, handshake);
    EXPECT_EQ(fresh.data(3), std::string("{}") + separator);
    return fresh;
  }
};

class many_over_websockets : public over_websockets {
 protected:
  many_over_websockets() {
    for (int i = 0; i < crowd; ++i) clients.push_back(join());
    await_present(crowd + 1);
  }
  wire_client caller = join();
  std::vector<wire_client> clients;
};

// More than all buffers of the system hold, in pieces that leave together with those of others.
TEST_P(over_websockets, all_get_all_when_none_of_them_reads_for_a_while) {
  constexpr int count = 500;
  constexpr int size = 16'000;
  std::vector<wire_client> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(join(4096));
  wire_client caller = join();
  await_present(5);
  const std::string expected = all_of(count, size);

  caller.send_frame(1, cry_of(count, size));

  ASSERT_TRUE(caller.data(expected.size()) == expected);
  for (wire_client& one : clients) ASSERT_TRUE(one.data(expected.size()) == expected);
}

TEST_P(many_over_websockets, those_who_leave_in_the_middle_are_missed_and_cost_nobody_anything) {
  const std::string expected = all_of(100, 1'000);

  caller.send_frame(1, cry_of(100, 1'000));
  for (std::size_t i = 0; i < clients.size(); i += 2) clients[i].close(true);

  ASSERT_TRUE(caller.data(expected.size()) == expected);
  for (std::size_t i = 1; i < clients.size(); i += 2) ASSERT_TRUE(clients[i].data(expected.size()) == expected);
  await_present(crowd / 2 + 1);
}

TEST_P(many_over_websockets, those_who_say_goodbye_in_the_middle_get_whole_messages_and_an_answer) {
  const std::string expected = all_of(300, 1'000);

  caller.send_frame(1, cry_of(300, 1'000));
  for (wire_client& one : clients) one.send_close(1000);

  ASSERT_TRUE(caller.data(expected.size()) == expected);
  for (wire_client& one : clients) {
    std::string got;
    wire_frame next = one.frame();
    for (; next.opcode == 1; next = one.frame()) got += next.payload;
    ASSERT_TRUE(expected.compare(0, got.size(), got) == 0);
    ASSERT_TRUE(got.empty() || got.back() == separator);
    EXPECT_EQ(next.close_code(), 1000);
    EXPECT_EQ(one.frame().opcode, -1);
  }
  await_present(1);
}

INSTANTIATE_TEST_SUITE_P(of, over_websockets, testing::ValuesIn(carriages_of({transport_kind::web_sockets})));
INSTANTIATE_TEST_SUITE_P(of, many_over_websockets, testing::ValuesIn(carriages_of({transport_kind::web_sockets})));

}  // namespace
}  // namespace hubbub_test
