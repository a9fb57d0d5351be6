// The method table made from a hub class: names, requirements, look-up; and what an audience is by default.
#include "hubbub/hub/methods.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hubbub/hub.hpp"
#include "hubbub/hub/audience.hpp"

namespace {

using namespace hubbub;

class base_hub : public hub<base_hub> {
 public:
  int from_base() { return 1; }
  using methods = hubbub::methods<&base_hub::from_base>;
};

class table_hub : public base_hub {
 public:
  void join_room(std::string) {}
  task<int> say(const std::string&, int) { co_return 1; }
  void kick() noexcept {}
  int count() const noexcept { return 0; }
  using methods = hubbub::methods<&table_hub::join_room, &table_hub::say, &base_hub::from_base,
                                  as<"Throw Out!">(authorized<"admin", "owner">(&table_hub::kick)),
                                  authorized<>(as<"HowMany">(&table_hub::count))>;
};

hub_type type_of_table() { return hub_type("TableHub", table_hub::methods::table<table_hub>(), nullptr, nullptr); }

TEST(method_table, names_its_methods_and_what_they_require) {
  const std::vector<hub_method> table = table_hub::methods::table<table_hub>();

  ASSERT_EQ(table.size(), 5u);
  EXPECT_EQ(table[0].name, "JoinRoom");
  EXPECT_EQ(table[1].name, "Say");
  EXPECT_EQ(table[2].name, "FromBase");
  EXPECT_EQ(table[3].name, "Throw Out!");
  EXPECT_EQ(table[4].name, "HowMany");
  EXPECT_FALSE(table[0].requires_of_caller.authenticated);
  EXPECT_TRUE(table[3].requires_of_caller.authenticated);
  EXPECT_EQ(
      std::vector<std::string_view>(table[3].requires_of_caller.roles.begin(), table[3].requires_of_caller.roles.end()),
      (std::vector<std::string_view>{"admin", "owner"}));
  EXPECT_TRUE(table[4].requires_of_caller.authenticated);
  EXPECT_TRUE(table[4].requires_of_caller.roles.empty());
}

TEST(method_table, is_searched_without_case_and_underscores) {
  const hub_type type = type_of_table();

  for (const char* target : {"JoinRoom", "joinRoom", "join_room", "JOIN__ROOM"}) {
    ASSERT_NE(type.find(target), nullptr) << target;
    EXPECT_EQ(type.find(target)->name, "JoinRoom");
  }
  EXPECT_EQ(type.find("throw out!")->name, "Throw Out!");
  for (const std::string& target : {std::string(), std::string("Kick"), std::string("count"), std::string("JoinRoom2"),
                                    std::string(100'000, 'x'), std::string(257, '_') + "say"}) {
    EXPECT_EQ(type.find(target), nullptr) << target.substr(0, 20);
  }
}

TEST(method_table, may_hold_many_methods_and_none) {
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("Method" + std::to_string(i));
  std::vector<hub_method> methods;
  for (const std::string& name : names) methods.push_back({name, nullptr, {}, {}});
  const hub_type many("Many", methods, nullptr, nullptr);
  const hub_type none("None", {}, nullptr, nullptr);

  for (const std::string& name : names) ASSERT_EQ(many.find(name)->name, name);
  EXPECT_EQ(many.find("Method1000"), nullptr);
  EXPECT_EQ(none.find("Method"), nullptr);
  EXPECT_EQ(none.name(), "None");
}

static_assert(!detail::names_differ<&table_hub::join_room, as<"JOINROOM">(&table_hub::say)>());
static_assert(!detail::names_differ<&table_hub::join_room, &table_hub::join_room>());
static_assert(detail::names_differ<&table_hub::join_room, &table_hub::say, &base_hub::from_base>());

TEST(audience, is_everybody_unless_told_otherwise) {
  const audience whom;

  EXPECT_EQ(whom.whom, audience::kind::all);
  EXPECT_TRUE(whom.names.empty());
  EXPECT_TRUE(whom.except.empty());
}

}  // namespace
