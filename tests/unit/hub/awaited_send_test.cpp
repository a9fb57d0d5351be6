// Awaited sends: they keep pace with the client, and end the method when it has left.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <tuple>

#include "hubbub/testing.hpp"

namespace {

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
  hubbub::testing::pending_call<void> pour_out() {
    client.line().stop_reading();
    return client.start("Pour");
  }

  counts seen;
  hubbub::testing::host host;
  hubbub::testing::client client = connect();

 private:
  hubbub::testing::client connect() {
    host.map<pouring_hub>(std::ref(seen));
    return host.connect();
  }
};

TEST_F(awaited_sends, stop_at_a_client_that_takes_nothing) {
  const auto pouring = pour_out();

  EXPECT_FALSE(pouring.completed());
  EXPECT_GT(seen.sent, 100);
  EXPECT_LT(seen.sent, 10'000);
}

TEST_F(awaited_sends, are_cancelled_when_the_client_leaves) {
  std::ignore = pour_out();

  client.disconnect();

  EXPECT_LT(seen.sent, 10'000) << "the method went on sending to nobody, and nobody else had the shard";
  EXPECT_TRUE(seen.cancelled);
}

TEST_F(awaited_sends, are_cancelled_when_the_client_cancels_the_invocation) {
  const auto pouring = pour_out();
  pouring.cancel();

  client.line().read_again();

  EXPECT_LT(seen.sent, 10'000);
  EXPECT_TRUE(seen.cancelled);
  EXPECT_TRUE(pouring.completed());
}

}  // namespace
