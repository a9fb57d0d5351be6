// Types that nlohmann::json converts, as arguments and results.
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "hubbub/json.hpp"
#include "vectors.hpp"

namespace app {

struct point {
  int x = 0;
  double y = 0;
};
void to_json(nlohmann::json& json, const point& value) { json = {{"x", value.x}, {"y", value.y}}; }
void from_json(const nlohmann::json& json, point& value) {
  json.at("x").get_to(value.x);
  value.y = json.value("y", 0.0);
}

struct both {
  int a = 0;
};
HUBBUB_FIELDS(both, a)
[[maybe_unused]] void to_json(nlohmann::json& json, const both&) { json = "the other way"; }

struct refuses {};
[[maybe_unused]] void from_json(const nlohmann::json&, refuses&) { throw std::out_of_range("no"); }

struct holder {
  std::vector<point> points;
};
HUBBUB_FIELDS(holder, points)

struct unknown {};

}  // namespace app

namespace hubbub::test {
namespace {

static_assert(readable_value<app::point> && writable_value<app::point> && readable_value<std::optional<app::point>>);
static_assert(readable_value<nlohmann::json> && writable_value<nlohmann::ordered_json>);
static_assert(!readable_value<app::unknown> && !writable_value<app::unknown>);
static_assert(!readable_value<char> && !readable_value<int*> && !readable_value<std::string_view>);

TEST(json_bridge, convertible_types_travel) {
  EXPECT_EQ(written(app::point{1, 2.0}), R"({"x":1,"y":2})");
  EXPECT_EQ(bound<app::point>(R"({"x":5})").x, 5);
  EXPECT_EQ(written(bound<std::vector<app::point>>(R"([{"x":1,"y":0.1}])")), R"([{"x":1,"y":0.1}])");
  EXPECT_EQ(written(bound<app::holder>(R"({"points":[{"x":1}]})")), R"({"points":[{"x":1,"y":0}]})");
}

TEST(json_bridge, what_does_not_convert_is_an_error_and_no_exception) {
  for (const char* wrong : {R"({"y":1})", R"({"x":"1"})", "[]", "null", "{", R"({"x":1e999})"})
    EXPECT_FALSE(converts<app::point>(wrong)) << wrong;
  EXPECT_FALSE(converts<app::refuses>("1"));
}

TEST(json_bridge, an_own_description_goes_before_nlohmann) { EXPECT_EQ(written(app::both{1}), R"({"a":1})"); }

TEST(json_bridge, documents_look_as_everything_else_of_this_writer) {
  const auto document = bound<nlohmann::json>(R"({"z":[1,-2,2.0,1e300,true,null],"a":"\u0001\u00e9<\u2028","o":{}})");
  EXPECT_EQ(written(document), "{\"a\":\"\\u0001\xC3\xA9<\\u2028\",\"o\":{},\"z\":[1,-2,2,1e+300,true,null]}");
}

TEST(json_bridge, ordered_documents_keep_their_order) {
  EXPECT_EQ(written(bound<nlohmann::ordered_json>(R"({"z":1,"a":18446744073709551615})")),
            R"({"z":1,"a":18446744073709551615})");
}

TEST(json_bridge, bytes_in_documents_become_base64) { EXPECT_EQ(written(nlohmann::json::binary({1, 2})), R"("AQI=")"); }

TEST(json_bridge, numbers_that_json_has_not_throw) {
  EXPECT_THROW(written(nlohmann::json(std::nan(""))), std::invalid_argument);
}

TEST(json_bridge, broken_documents_do_not_convert) {
  for (const char* wrong : {R"("\ud800")", "\"\xFF\"", "[1,]", "", "{\"a\":1"})
    EXPECT_FALSE(converts<nlohmann::json>(wrong)) << wrong;
}

}  // namespace
}  // namespace hubbub::test
