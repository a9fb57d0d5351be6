// Described structs: how HUBBUB_FIELDS reads and writes them.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hubbub/protocol/fields.hpp"
#include "vectors.hpp"

namespace app {

struct message {
  std::string text;
  int stars = 3;
};
HUBBUB_FIELDS(message, text, stars)

struct renamed {
  std::string first_name;
  int age = 0;
};
HUBBUB_FIELDS(renamed, (first_name, "firstName"), age)

struct tree {
  int value = 0;
  std::vector<tree> children;
};
HUBBUB_FIELDS(tree, value, children)

struct nothing {};
HUBBUB_FIELDS(nothing)

struct only_written {
  std::string_view text;
  const char* word;
};
HUBBUB_FIELDS(only_written, text, word)

struct more : message {
  bool flag = false;
};
HUBBUB_FIELDS(more, text, stars, flag)

struct derived : message {};

struct case_twins {
  int a = 0;
  int A = 0;
};
HUBBUB_FIELDS(case_twins, a, A)

}  // namespace app

struct forty {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9;
  int c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9;
};
HUBBUB_FIELDS(forty, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1, c2, c3, c4,
              c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, (d9, "last"))

struct conformance_record {
  std::string name;
  std::int64_t count = 0;
  double ratio = 0;
  bool flag = false;
  std::optional<std::string> note;
  std::vector<int> items;
  std::map<std::string, std::string> labels;
};
HUBBUB_FIELDS(conformance_record, name, count, ratio, flag, note, items, labels)

namespace hubbub::test {
namespace {

static_assert(readable_value<app::message> && writable_value<app::message> && readable_value<std::vector<app::tree>>);
static_assert(!readable_value<app::derived>, "the fields of a base do not describe what derives from it");

TEST(fields, members_are_written_in_order_of_their_description) {
  EXPECT_EQ(written(app::message{"hi", 2}), R"({"text":"hi","stars":2})");
  EXPECT_EQ(written(app::renamed{"Ann", 7}), R"({"firstName":"Ann","age":7})");
  EXPECT_EQ(written(app::nothing{}), "{}");
  EXPECT_EQ(written(app::only_written{"a", nullptr}), R"({"text":"a","word":null})");
}

TEST(fields, members_are_read_in_any_order_and_spacing) {
  const auto same = bound<app::message>(R"( { "stars" : 1 , "text" : "a" } )");
  EXPECT_EQ(same.text, "a");
  EXPECT_EQ(same.stars, 1);
}

TEST(fields, names_ignore_case_and_underscores) {
  EXPECT_EQ(bound<app::renamed>(R"({"FIRST_NAME":"Ann","Age":7})").first_name, "Ann");
  EXPECT_EQ(bound<app::renamed>(R"({"firstname":"Ann","_age_":7})").age, 7);
  EXPECT_EQ(bound<app::renamed>(R"({"\u0066irstName":"Ann"})").first_name, "Ann");
}

TEST(fields, an_exact_name_goes_before_a_similar_one) {
  const auto twins = bound<app::case_twins>(R"({"A":2,"a":1})");
  EXPECT_EQ(twins.a, 1);
  EXPECT_EQ(twins.A, 2);
}

TEST(fields, unknown_members_are_skipped) {
  EXPECT_EQ(bound<app::message>(R"({"x":[{"text":"no"}],"text":"yes","stars2":9,"":0})").text, "yes");
}

TEST(fields, missing_members_keep_what_they_had) {
  const auto message = bound<app::message>("{}");
  EXPECT_EQ(message.text, "");
  EXPECT_EQ(message.stars, 3);
}

TEST(fields, the_last_of_equal_members_wins) { EXPECT_EQ(bound<app::message>(R"({"stars":1,"Stars":2})").stars, 2); }

TEST(fields, null_is_no_scalar_and_no_struct) {
  EXPECT_FALSE(converts<app::message>(R"({"stars":null})"));
  EXPECT_FALSE(converts<app::message>("null"));
  EXPECT_EQ(bound<app::message>(R"({"text":null})").text, "");
}

TEST(fields, what_is_no_object_does_not_convert) {
  for (const char* wrong : {"[]", "1", "\"x\"", "{", R"({"text"})", R"({"text":"a",})", R"({"text":"a" "stars":1})",
                            R"({"stars":"1"})", R"({"x":})", ""}) {
    EXPECT_FALSE(converts<app::message>(wrong)) << wrong;
  }
}

TEST(fields, structs_nest) {
  const auto root = bound<app::tree>(R"({"value":1,"children":[{"value":2,"children":[{"value":3}]},{}]})");
  EXPECT_EQ(written(root),
            R"({"value":1,"children":[{"value":2,"children":[{"value":3,"children":[]}]},{"value":0,"children":[]}]})");
}

TEST(fields, inherited_members_can_be_described) {
  EXPECT_EQ(written(bound<app::more>(R"({"flag":true,"text":"a","stars":5})")),
            R"({"text":"a","stars":5,"flag":true})");
}

TEST(fields, forty_members_are_no_trouble) {
  EXPECT_EQ(bound<forty>(R"({"last":40,"a0":1,"d8":39})").d9, 40);
  EXPECT_EQ(bound<forty>(R"({"LAST":40})").d9, 40);
}

TEST(fields, the_record_of_the_conformance_hub_comes_back) {
  const std::string wire =
      R"({"name":"n","count":9007199254740993,"ratio":2,"flag":true,"note":null,"items":[1,2],"labels":{"a":"b"}})";
  EXPECT_EQ(written(bound<conformance_record>(wire)), wire);
  EXPECT_EQ(written(bound<conformance_record>("{}")),
            R"({"name":"","count":0,"ratio":0,"flag":false,"note":null,"items":[],"labels":{}})");
}

TEST(fields, names_are_compared_without_case_and_underscores) {
  EXPECT_TRUE(same_name("join_room", "JoinRoom"));
  EXPECT_TRUE(same_name("", "__"));
  EXPECT_TRUE(same_name("a_", "A"));
  EXPECT_FALSE(same_name("join", "joins"));
  EXPECT_FALSE(same_name("joins", "join"));
  EXPECT_FALSE(same_name("a-b", "a_b"));
  EXPECT_FALSE(same_name("\xC3\xA9", "\xC3\x89"));
}

}  // namespace
}  // namespace hubbub::test
