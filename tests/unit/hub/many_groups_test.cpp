// A connection in very many groups: joining, leaving and disconnecting must not search through all of them.
#include <gtest/gtest.h>

#include <string>

#include "hubbub/hub.hpp"
#include "one_hub.hpp"

namespace {

using namespace hubbub_test;

class quiet_hub : public hubbub::hub<quiet_hub> {
 public:
  void nothing() {}
  using methods = hubbub::methods<&quiet_hub::nothing>;
};

constexpr int very_many = 200'000;

class many_groups : public testing::Test {
 protected:
  void join_all(bare_client& client) {
    hub.on.turn([&] {
      for (int i = 0; i < very_many; ++i) std::ignore = groups.add(client.id(), std::to_string(i));
    });
  }
  std::string received(const std::string& group, bare_client& client) {
    client.received.clear();
    hub.on.turn([&] { context.clients().group(group).send("Receive"); });
    return client.received;
  }

  one_hub<quiet_hub> hub;
  hubbub::hub_context<quiet_hub> context = hubbub::make_hub_context<quiet_hub>(hub.host);
  hubbub::group_manager groups = context.groups();
};

TEST_F(many_groups, are_joined_and_left_at_the_end_in_no_time) {
  bare_client client(hub.on, *hub.endpoint);
  join_all(client);
  EXPECT_NE(received("0", client), "");
  EXPECT_NE(received(std::to_string(very_many - 1), client), "");

  client.leave();  // the test's time limit is what this must keep
}

TEST_F(many_groups, are_joined_once_however_often_they_are_joined) {
  bare_client client(hub.on, *hub.endpoint);
  bare_client other(hub.on, *hub.endpoint);
  for (int twice = 0; twice < 2; ++twice) {
    hub.on.turn([&] {
      for (const char* name : {"a", "b", "c"}) std::ignore = groups.add(client.id(), name);
      std::ignore = groups.add(other.id(), "b");
    });
  }

  EXPECT_EQ(received("b", client), "{\"type\":1,\"target\":\"Receive\",\"arguments\":[]}\x1e");
  hub.on.turn([&] { std::ignore = groups.remove(client.id(), "b"); });
  EXPECT_EQ(received("b", client), "");
  EXPECT_NE(received("b", other), "");
  EXPECT_NE(received("a", client), "");
  EXPECT_NE(received("c", client), "");
}

}  // namespace
