// Values of one of several types.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "hubbub/protocol/fields.hpp"
#include "hubbub/protocol/variant_codec.hpp"
#include "msgpack_values.hpp"

namespace variants_of {

struct circle {
  double radius = 0;
};
HUBBUB_FIELDS(circle, radius)

struct node;
struct other_node;
using either = std::variant<int, node, other_node>;
struct node {
  std::vector<either> children;
};
struct other_node {
  std::vector<either> children;
};
HUBBUB_FIELDS(node, children)
HUBBUB_FIELDS(other_node, children)

}  // namespace variants_of

namespace hubbub::test {
namespace {

using value = std::variant<std::monostate, bool, int, std::string, variants_of::circle, std::vector<int>>;

TEST(variants, take_the_first_type_that_fits) {
  EXPECT_EQ(bound<value>("null").index(), 0U);
  EXPECT_EQ(bound<value>("true").index(), 1U);
  EXPECT_EQ(std::get<int>(bound<value>(" 5")), 5);
  EXPECT_EQ(std::get<std::string>(bound<value>(R"("x\n")")), "x\n");
  EXPECT_EQ(std::get<variants_of::circle>(bound<value>(R"({"radius":2.5})")).radius, 2.5);
  EXPECT_EQ(std::get<std::vector<int>>(bound<value>("[1,2]")).size(), 2U);
  EXPECT_EQ((std::get<double>(bound<std::variant<int, double>>("1.5"))), 1.5);
  EXPECT_EQ((std::get<double>(bound<std::variant<std::vector<int>, double>>("1.5"))), 1.5);
}

TEST(variants, in_messagepack_too) {
  for (const auto& [digits, index] : std::vector<std::pair<const char*, std::size_t>>{
           {"c0", 0}, {"c3", 1}, {"05", 2}, {"a178", 3}, {"81a672616469757302", 4}, {"920102", 4}}) {
    // An array is a struct's too, and that comes first here.
    if (std::string(digits) == "920102") {
      EXPECT_EQ((msgpack::bound<std::variant<std::string, std::vector<int>>>(digits).index()), 1U);
    } else {
      EXPECT_EQ(msgpack::bound<value>(digits).index(), index) << digits;
    }
  }
}

TEST(variants, go_on_behind_the_value_whatever_was_tried_before) {
  using one = std::variant<std::vector<int>, std::vector<std::string>, std::string>;
  const auto all = bound<std::vector<one>>(R"([["a","b"],[1,2],"c",[]])");
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].index(), 1U);
  EXPECT_EQ(all[1].index(), 0U);
  EXPECT_EQ(all[2].index(), 2U);
  const auto packed = msgpack::bound<std::vector<one>>("9492a161a162920102a16390");
  ASSERT_EQ(packed.size(), 4U);
  EXPECT_EQ(packed[0].index(), 1U);
  EXPECT_EQ(packed[1].index(), 0U);
  EXPECT_EQ(packed[3].index(), 0U);
}

TEST(variants, are_written_as_what_they_hold) {
  EXPECT_EQ(written(value()), "null");
  EXPECT_EQ(written(value(5)), "5");
  EXPECT_EQ(written(value(variants_of::circle{1})), R"({"radius":1})");
  EXPECT_EQ(msgpack::written(value(std::string("x"))), "a178");
}

TEST(variants, that_fit_nothing_do_not_convert) {
  for (const char* wrong : {"1.5", R"({"radius":"x"})", R"(["a"])", "", "[1,", "nul"})
    EXPECT_FALSE(converts<value>(wrong)) << wrong;
}

// Each level tries two types that fail only at the innermost: that would be 2^60 readings.
TEST(variants, nested_ones_that_never_fit_are_given_up) {
  std::string deep;
  for (int level = 0; level < 30; ++level) deep += R"({"children":[)";
  deep += "\"no\"";
  for (int level = 0; level < 30; ++level) deep += "]}";
  EXPECT_FALSE(converts<variants_of::either>(deep));

  std::string packed;
  for (int level = 0; level < 30; ++level) packed += "81a86368696c6472656e91";
  EXPECT_FALSE(msgpack::converts<variants_of::either>(packed + "a0"));
  EXPECT_TRUE(msgpack::converts<variants_of::either>(packed + "00"));
}

}  // namespace
}  // namespace hubbub::test
