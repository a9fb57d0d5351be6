// A connection in very many groups: joining, leaving and disconnecting must not search through all of them.
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "hubbub/testing.hpp"

namespace {

class quiet_hub : public hubbub::hub<quiet_hub> {
 public:
  void nothing() {}
  using methods = hubbub::methods<&quiet_hub::nothing>;
};

constexpr int very_many = 200'000;

class many_groups : public testing::Test {
 protected:
  many_groups() { host.map<quiet_hub>(); }
  void join_all(const hubbub::testing::client& client) {
    for (int i = 0; i < very_many; ++i) std::ignore = groups.add(client.id(), std::to_string(i));
    host.settle();
  }
  void send_to(const std::string& group) {
    context.clients().group(group).send("Receive", group);
    host.settle();
  }

  hubbub::testing::host host;
  hubbub::hub_context<quiet_hub> context = host.context<quiet_hub>();
  hubbub::group_manager groups = context.groups();
};

TEST_F(many_groups, are_joined_and_left_at_the_end_in_no_time) {
  hubbub::testing::client client = host.connect();
  join_all(client);
  send_to("0");
  send_to(std::to_string(very_many - 1));
  EXPECT_EQ(client.expect<std::string>("Receive"), "0");
  EXPECT_EQ(client.expect<std::string>("Receive"), std::to_string(very_many - 1));

  client.disconnect();  // the test's time limit is what this must keep
}

TEST_F(many_groups, are_left_in_no_time_by_one_of_two_who_are_in_all_of_them) {
  hubbub::testing::client client = host.connect();
  hubbub::testing::client other = host.connect();
  join_all(client);
  join_all(other);

  client.disconnect();  // the other one moves up in each group
  send_to("0");
  EXPECT_EQ(other.expect<std::string>("Receive"), "0");
  for (int i = 0; i < very_many; ++i) std::ignore = groups.remove(other.id(), std::to_string(i));
  host.settle();
  send_to(std::to_string(very_many - 1));
  other.expect_nothing();
}

TEST_F(many_groups, are_joined_once_however_often_they_are_joined) {
  hubbub::testing::client client = host.connect();
  hubbub::testing::client other = host.connect();
  for (int twice = 0; twice < 2; ++twice) {
    for (const char* name : {"a", "b", "c"}) std::ignore = groups.add(client.id(), name);
    std::ignore = groups.add(other.id(), "b");
  }

  send_to("b");
  client.expect("Receive");
  client.expect_nothing();
  std::ignore = groups.remove(client.id(), "b");
  for (const char* name : {"a", "b", "c"}) send_to(name);

  EXPECT_EQ(client.events(), (std::vector<std::string>{R"(Receive("a"))", R"(Receive("c"))"}));
  EXPECT_EQ(other.events(), (std::vector<std::string>{R"(Receive("b"))", R"(Receive("b"))"}));
}

}  // namespace
