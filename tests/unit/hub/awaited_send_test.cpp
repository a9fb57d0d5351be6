// Awaited sends: they keep pace with the client, and end the method when it has left.
#include <gtest/gtest.h>

#include <string>

#include "hubbub/hub.hpp"
#include "one_hub.hpp"

namespace {

using namespace hubbub_test;

struct counts {
  int sent = 0;
  bool cancelled = false;
};

constexpr int far_too_many = 1'000'000;

class pouring_hub : public hubbub::hub<pouring_hub> {
 public:
  explicit pouring_hub(counts& seen) : seen_(seen) {}
  hubbub::task<void> pour() {
    try {
      while (seen_.sent < far_too_many) {
        co_await clients().caller().send("Receive", std::string(100, 'x'));
        ++seen_.sent;
      }
    } catch (const hubbub::operation_cancelled&) {
      seen_.cancelled = true;
      throw;
    }
  }
  using methods = hubbub::methods<&pouring_hub::pour>;

 private:
  counts& seen_;
};

class awaited_sends : public testing::Test {
 protected:
  counts seen;
  one_hub<pouring_hub> hub{std::ref(seen)};
};

TEST_F(awaited_sends, stop_at_a_client_that_takes_nothing) {
  bare_client client(hub.on, *hub.endpoint);
  client.deaf = true;

  client.say(R"({"type":1,"target":"Pour","arguments":[],"invocationId":"1"})");

  EXPECT_GT(seen.sent, 100);
  EXPECT_LT(seen.sent, 10'000);
}

TEST_F(awaited_sends, are_cancelled_when_the_client_leaves) {
  bare_client client(hub.on, *hub.endpoint);
  client.deaf = true;
  client.say(R"({"type":1,"target":"Pour","arguments":[],"invocationId":"1"})");

  client.leave();

  EXPECT_LT(seen.sent, 10'000) << "the method went on sending to nobody, and nobody else had the shard";
  EXPECT_TRUE(seen.cancelled);
}

TEST_F(awaited_sends, are_cancelled_when_the_client_cancels_the_invocation) {
  bare_client client(hub.on, *hub.endpoint);
  client.deaf = true;
  client.say(R"({"type":1,"target":"Pour","arguments":[],"invocationId":"1"})");
  client.say(R"({"type":5,"invocationId":"1"})");

  client.deaf = false;
  hub.on.turn([] {});
  hub.on.settle();

  EXPECT_LT(seen.sent, 10'000);
  EXPECT_TRUE(seen.cancelled);
}

}  // namespace
