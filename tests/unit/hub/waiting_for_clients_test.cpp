// Methods that wait for a client's answer give their slot back: a client that never answers must not gather them for
// ever, nor have the shard search through them.
#include <gtest/gtest.h>

#include <string>

#include "bare_client.hpp"
#include "hubbub/hub.hpp"
#include "one_hub.hpp"

namespace hubbub_test {

class asking_hub : public hubbub::hub<asking_hub> {
 public:
  hubbub::task<int> ask(std::string id) { co_return co_await clients().client(id).invoke<int>("Answer"); }
  using methods = hubbub::methods<&asking_hub::ask>;
};

namespace {

constexpr int most = 1000;  // docs/hubs.md

class waiting_for_clients : public testing::Test {
 protected:
  void ask(bare_client& asker, const bare_client& whom, int times) {
    const std::string call = R"({"type":1,"target":"Ask","arguments":[")" + whom.id() + R"("],"invocationId":"7"})";
    std::string all = call;
    for (int i = 1; i < times; ++i) all += '\x1e' + call;
    asker.say(all);
  }
  static std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }

  one_hub<asking_hub> hub;
};

TEST_F(waiting_for_clients, is_for_so_many_methods_of_one_client_and_no_more) {
  bare_client silent(hub.on, *hub.endpoint);
  ask(silent, silent, 3 * most);

  EXPECT_EQ(count(silent.received, R"("target":"Answer")"), std::size_t{most});
  EXPECT_EQ(count(silent.received, "An unexpected error occurred invoking 'Ask' on the server."),
            std::size_t{2 * most});

  bare_client other(hub.on, *hub.endpoint);
  ask(other, silent, 1);  // it has its own
  EXPECT_EQ(count(silent.received, R"("target":"Answer")"), std::size_t{most + 1});
}

TEST_F(waiting_for_clients, is_over_with_the_answer) {
  bare_client client(hub.on, *hub.endpoint);
  for (int i = 0; i < 2 * most; ++i) {
    client.received.clear();
    ask(client, client, 1);
    const std::string mark = R"("invocationId":")";
    const std::size_t at = client.received.find(mark);
    ASSERT_NE(at, std::string::npos) << i;
    const std::size_t begin = at + mark.size();
    const std::string id = client.received.substr(begin, client.received.find('"', begin) - begin);
    client.say(R"({"type":3,"invocationId":")" + id + R"(","result":5})");
    ASSERT_NE(client.received.find(R"({"type":3,"invocationId":"7","result":5})"), std::string::npos) << i;
  }
}

}  // namespace

}  // namespace hubbub_test
