// Names taken from the compiler, and which of them are the same to clients.
#include "hubbub/hub/names.hpp"

#include <gtest/gtest.h>

#include <string>

#include "hubbub/hub/hub_context.hpp"

namespace outer::inner {

struct some_hub {
  void join_room();
  int say2(int) const;
  void camelCase() noexcept;
  void _odd__name_();
  void UPPER();
  static constexpr int value = 0;
};
template <class Tag>
struct tagged {
  void tell(Tag);
};
struct tag {};

}  // namespace outer::inner

namespace {

using hubbub::same_wire_name;
using hubbub::detail::pascal_case;
using outer::inner::some_hub;
using outer::inner::tag;
using outer::inner::tagged;

struct local_hub {
  void deep_down(std::string, int) {}
};

static_assert(pascal_case<&some_hub::join_room> == "JoinRoom");

TEST(names, of_methods_become_pascal_case) {
  EXPECT_EQ(pascal_case<&some_hub::join_room>, "JoinRoom");
  EXPECT_EQ(pascal_case<&some_hub::say2>, "Say2");
  EXPECT_EQ(pascal_case<&some_hub::camelCase>, "CamelCase");
  EXPECT_EQ(pascal_case<&some_hub::_odd__name_>, "OddName");
  EXPECT_EQ(pascal_case<&some_hub::UPPER>, "UPPER");
  EXPECT_EQ(pascal_case<&local_hub::deep_down>, "DeepDown");
  EXPECT_EQ(pascal_case<&tagged<tag>::tell>, "Tell");
}

TEST(names, of_hubs_lose_their_namespaces) {
  const auto name = [](std::string_view printed) { return hubbub::detail::hub_name(printed); };
  EXPECT_EQ(name("chat_hub"), "ChatHub");
  EXPECT_EQ(name("a::b::chat_hub"), "ChatHub");
  EXPECT_EQ(name("a::hub<a::red_tag>"), "HubRedTag");
  EXPECT_EQ(name("struct a::hub<struct a::tag>"), "HubTag");
  EXPECT_EQ(name("{anonymous}::chat_hub"), "ChatHub");
  EXPECT_EQ(name("(anonymous namespace)::chat_hub"), "ChatHub");
  EXPECT_EQ(name("ChatHub"), "ChatHub");
  EXPECT_EQ(name(hubbub::detail::printed_class<tagged<tag>>()), "TaggedTag");
  EXPECT_EQ(name(hubbub::detail::printed_class<local_hub>()), "LocalHub");
}

TEST(names, are_the_same_without_case_and_underscores) {
  EXPECT_TRUE(same_wire_name("JoinRoom", "join_room"));
  EXPECT_TRUE(same_wire_name("JoinRoom", "__JOIN_ROOM__"));
  EXPECT_TRUE(same_wire_name("", "_"));
  EXPECT_FALSE(same_wire_name("JoinRoom", "JoinRooms"));
  EXPECT_FALSE(same_wire_name("JoinRoom", "JoinRoo"));
  EXPECT_FALSE(same_wire_name("JoinRoom", "Join-Room"));
  EXPECT_FALSE(same_wire_name("a", ""));
  EXPECT_FALSE(same_wire_name("[", "{"));
}

}  // namespace
