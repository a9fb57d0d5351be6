// The connection store beside a simple model: random connections, groups and users come and go.
#include "hub/connection_store.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "hub/hub_connection.hpp"
#include "hub/hub_shard.hpp"
#include "hubbub/hub.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "support/shards.hpp"

namespace {

using namespace hubbub;

class empty_hub : public hub<empty_hub> {
 public:
  int one() { return 1; }
  using methods = hubbub::methods<&empty_hub::one>;
};

// Connections of a hub whose handshake never comes: the store under test is not the hub's own.
class stores : public testing::Test {
 protected:
  stores() {
    host_.set_shards({&on_.home});
    lifetime_ = host_.lifetime_of(typeid(empty_hub), "EmptyHub");
    lifetime_->start();
    definition_ = std::make_unique<hub_definition>(
        hub_definition{detail::type_of<empty_hub>(), {}, {}, {}, lifetime_, connection_limits{}});
    place_ = std::make_unique<hub_shard>(*definition_, on_.home);
  }
  ~stores() override {
    for (const connection_ref& one : links_) one->ended({close_cause::client_left, {}});
    on_.settle();
  }
  hub_connection& make() {
    links_.emplace_back(new connection(on_.home, definition_->limits));
    auto* made = new hub_connection(*place_, *links_.back());  // owns itself
    return *made;
  }

  hubbub_test::hand_shard on_;
  hub_host host_;
  std::shared_ptr<lifetime_manager> lifetime_;
  std::unique_ptr<hub_definition> definition_;
  std::unique_ptr<hub_shard> place_;
  std::vector<connection_ref> links_;
  connection_store store_;
};

std::set<const hub_connection*> members_of(const member_set* set) {
  std::set<const hub_connection*> members;
  if (set == nullptr) return members;
  for (const member_set::member& one : set->members) {
    EXPECT_EQ(one.link, &one.of->link());
    EXPECT_TRUE(members.insert(one.of).second) << "twice in " << set->name;
  }
  return members;
}

TEST_F(stores, find_what_was_added_and_nothing_else) {
  EXPECT_EQ(store_.find(connection_id::make(0)), nullptr);
  hub_connection& one = make();
  hub_connection& two = make();
  store_.add(one);
  store_.add(two);

  EXPECT_EQ(store_.find(one.link().id()), &one);
  EXPECT_EQ(store_.find(connection_id::make(0)), nullptr);
  store_.remove(one);
  EXPECT_EQ(store_.find(one.link().id()), nullptr);
  EXPECT_EQ(store_.find(two.link().id()), &two);
  ASSERT_EQ(store_.all().size(), 1u);
  EXPECT_EQ(store_.all()[0].of, &two);
  store_.remove(two);
  EXPECT_TRUE(store_.all().empty());
}

TEST_F(stores, say_when_a_group_gets_its_first_member_and_loses_its_last) {
  hub_connection& one = make();
  hub_connection& two = make();

  EXPECT_TRUE(store_.join(one, "red"));
  EXPECT_FALSE(store_.join(one, "red"));
  EXPECT_FALSE(store_.join(two, "red"));
  EXPECT_FALSE(store_.leave(one, "blue"));
  EXPECT_FALSE(store_.leave(one, "red"));
  EXPECT_FALSE(store_.leave(one, "red"));
  EXPECT_TRUE(store_.leave(two, "red"));
  EXPECT_EQ(store_.group("red"), nullptr);
  EXPECT_TRUE(store_.join(two, "red"));
  EXPECT_TRUE(store_.leave(two, "red"));
}

TEST_F(stores, say_when_a_user_comes_and_goes) {
  hub_connection& one = make();
  hub_connection& two = make();

  EXPECT_TRUE(store_.set_user(one, "ada"));
  EXPECT_FALSE(store_.set_user(two, "ada"));
  EXPECT_EQ(members_of(store_.user("ada")).size(), 2u);
  EXPECT_FALSE(store_.clear_user(one));
  EXPECT_FALSE(store_.clear_user(one));
  EXPECT_TRUE(store_.clear_user(two));
  EXPECT_EQ(store_.user("ada"), nullptr);
}

TEST_F(stores, agree_with_a_model_under_random_changes) {
  std::mt19937 random(5);
  std::vector<hub_connection*> everybody;
  for (int i = 0; i < 120; ++i) everybody.push_back(&make());
  std::map<hub_connection*, std::string> model_users;
  std::set<hub_connection*> model_all;
  std::map<std::string, std::set<const hub_connection*>> model_groups;
  const auto name = [&](const char* prefix) { return prefix + std::to_string(random() % 12); };

  for (int step = 0; step < 30'000; ++step) {
    hub_connection* one = everybody[random() % everybody.size()];
    const bool known = model_all.contains(one);
    switch (random() % 8) {
      case 0:
        if (known) break;
        store_.add(*one);
        model_all.insert(one);
        if (random() % 2 == 0) {
          model_users[one] = name("user");
          bool first = true;
          for (const auto& [other, user] : model_users) first = first && (other == one || user != model_users[one]);
          ASSERT_EQ(store_.set_user(*one, model_users[one]), first);
        }
        break;
      case 1: {
        if (!known || random() % 3 != 0) break;
        for (auto& [group, members] : model_groups) {
          if (members.erase(one) == 0) continue;
          ASSERT_EQ(store_.leave(*one, group), members.empty());
        }
        store_.clear_user(*one);
        model_users.erase(one);
        store_.remove(*one);
        model_all.erase(one);
        break;
      }
      case 2:
      case 3:
      case 4: {
        if (!known) break;
        const std::string group = name("group");
        auto& members = model_groups[group];
        const bool first = members.empty();
        ASSERT_EQ(store_.join(*one, group), first && members.insert(one).second);
        members.insert(one);
        break;
      }
      case 5:
      case 6: {
        if (!known) break;
        const std::string group = name("group");
        auto& members = model_groups[group];
        const bool was = members.erase(one) != 0;
        ASSERT_EQ(store_.leave(*one, group), was && members.empty());
        break;
      }
      default: ASSERT_EQ(store_.find(one->link().id()), known ? one : nullptr);
    }
    if (step % 500 != 0) continue;
    ASSERT_EQ(store_.all().size(), model_all.size());
    for (hub_connection* each : everybody) {
      ASSERT_EQ(store_.find(each->link().id()), model_all.contains(each) ? each : nullptr);
    }
    for (const auto& [group, members] : model_groups) ASSERT_EQ(members_of(store_.group(group)), members) << group;
    std::map<std::string, std::set<const hub_connection*>> users;
    for (const auto& [each, user] : model_users) users[user].insert(each);
    for (const auto& [user, members] : users) ASSERT_EQ(members_of(store_.user(user)), members) << user;
  }
  for (hub_connection* one : everybody) {
    for (auto& [group, members] : model_groups) {
      if (members.contains(one)) store_.leave(*one, group);
    }
    store_.clear_user(*one);
    if (model_all.contains(one)) store_.remove(*one);
  }
  EXPECT_TRUE(store_.all().empty());
}

}  // namespace
