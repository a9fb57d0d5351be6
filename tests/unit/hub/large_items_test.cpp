// Items of streams that no method reads yet: large ones count from the first on, whatever the number of streams.
#include <gtest/gtest.h>

#include <string>

#include "bare_client.hpp"
#include "hubbub/hub.hpp"
#include "one_hub.hpp"

namespace hubbub_test {

class reading_hub : public hubbub::hub<reading_hub> {
 public:
  hubbub::task<int> sizes(int milliseconds, hubbub::stream_reader<std::string> texts) {
    co_await hubbub::sleep(std::chrono::milliseconds(milliseconds));
    std::size_t total = 0;
    while (const auto text = co_await texts.next()) total += text->size();
    co_return static_cast<int>(total);
  }
  int one() { return 1; }
  using methods = hubbub::methods<&reading_hub::sizes, &reading_hub::one>;
};

namespace {

class large_items : public testing::Test {
 protected:
  static void begin(bare_client& client, const std::string& id, int milliseconds) {
    client.say(R"({"type":1,"invocationId":"of )" + id + R"(","target":"Sizes","arguments":[)" +
               std::to_string(milliseconds) + R"(],"streamIds":[")" + id + R"("]})");
  }
  static void send(bare_client& client, const std::string& id, std::size_t size) {
    client.say(R"({"type":2,"invocationId":")" + id + R"(","item":")" + std::string(size, 'x') + R"("})");
  }
  static void end(bare_client& client, const std::string& id) {
    client.say(R"({"type":3,"invocationId":")" + id + R"("})");
  }
  static bool hears(const bare_client& client, const std::string& text) {
    return client.received.find(text) != std::string::npos;
  }
  static void ask_for_one(bare_client& client) {
    client.received.clear();
    client.say(R"({"type":1,"invocationId":"1","target":"One","arguments":[]})");
  }

  one_hub<reading_hub> hub;
  const std::string one = R"({"type":3,"invocationId":"1","result":1})";
};

TEST_F(large_items, of_many_streams_are_bounded_by_the_bytes_of_all) {
  bare_client client(hub.on, *hub.endpoint);
  constexpr int streams = 100;
  for (int i = 0; i < streams; ++i) begin(client, "s" + std::to_string(i), 1000);
  for (int i = 0; i < streams; ++i) send(client, "s" + std::to_string(i), 30'000);  // 3 MB; upload_limit is 1 MiB

  ask_for_one(client);
  EXPECT_FALSE(hears(client, one)) << "the client is read on";
  for (int i = 0; i < streams; ++i) end(client, "s" + std::to_string(i));
  hub.on.advance(std::chrono::milliseconds(1100));

  EXPECT_TRUE(hears(client, one));
  for (int i = 0; i < streams; ++i) {
    EXPECT_TRUE(hears(client, R"({"type":3,"invocationId":"of s)" + std::to_string(i) + R"(","result":30000})")) << i;
  }
}

TEST_F(large_items, are_read_in_their_order_with_small_ones) {
  bare_client client(hub.on, *hub.endpoint);
  begin(client, "a", 100);
  std::size_t total = 0;
  for (const std::size_t size : {10, 5000, 20, 30, 30'000, 40, 6000, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 5000}) {
    send(client, "a", size);
    total += size;
  }
  hub.on.advance(std::chrono::milliseconds(200));
  for (const std::size_t size : {20'000, 1, 20'000}) {  // while it waits for them
    send(client, "a", size);
    total += size;
  }
  end(client, "a");

  EXPECT_TRUE(hears(client, R"("result":)" + std::to_string(total) + "}"));
  ask_for_one(client);
  EXPECT_TRUE(hears(client, one));
}

}  // namespace

}  // namespace hubbub_test
