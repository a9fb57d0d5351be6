// Which values bind to which C++ types, and how those are written.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hubbub/protocol/value_codec.hpp"
#include "vectors.hpp"

namespace hubbub::test {
namespace {

enum class color : std::uint8_t { red, green };
enum plain_number { minus_one = -1, one = 1 };
struct not_described {};

static_assert(readable_value<int> && readable_value<unsigned char> && readable_value<long long> &&
              readable_value<bool>);
static_assert(readable_value<std::map<std::string, std::optional<std::vector<bool>>>>);
static_assert(!readable_value<std::string_view> && !readable_value<const char*>);
static_assert(writable_value<std::string_view> && writable_value<const char*> && writable_value<char[4]>);
static_assert(!readable_value<not_described> && !writable_value<not_described>);
static_assert(!readable_value<std::vector<not_described>> && !writable_value<std::optional<not_described>>);
static_assert(!writable_value<int*> && !writable_value<char>);

TEST(value_codec, integers_keep_to_their_range) {
  EXPECT_EQ(bound<std::int8_t>("-128"), -128);
  EXPECT_FALSE(converts<std::int8_t>("128"));
  EXPECT_FALSE(converts<std::int8_t>("-129"));
  EXPECT_EQ(bound<std::uint8_t>("255"), 255);
  EXPECT_FALSE(converts<std::uint8_t>("256"));
  EXPECT_FALSE(converts<std::uint8_t>("-1"));
  EXPECT_EQ(bound<std::int32_t>("2147483647"), 2147483647);
  EXPECT_FALSE(converts<std::int32_t>("2147483648"));
  EXPECT_EQ(bound<std::int64_t>("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_FALSE(converts<std::int64_t>("9223372036854775808"));
  EXPECT_EQ(bound<std::uint64_t>("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_FALSE(converts<std::uint64_t>("18446744073709551616"));
  EXPECT_EQ(bound<std::uint64_t>("-0"), 0U);
  EXPECT_EQ(bound<int>("-0"), 0);
}

TEST(value_codec, only_integers_are_integers) {
  for (const char* wrong :
       {"1.0", "1.5", "1e1", "null", "true", "\"1\"", "[1]", "{}", "01", "-01", "-", "+1", "", " ", "x"}) {
    EXPECT_FALSE(converts<int>(wrong)) << wrong;
    EXPECT_FALSE(converts<std::uint64_t>(wrong)) << wrong;
  }
}

TEST(value_codec, numbers_take_integers_and_fractions) {
  EXPECT_EQ(bound<double>("5"), 5.0);
  EXPECT_EQ(bound<double>("-0.5e1"), -5.0);
  EXPECT_TRUE(std::signbit(bound<double>("-0")));
  EXPECT_EQ(bound<double>("1e-400"), 0.0);
  EXPECT_EQ(bound<double>("-0.0000001e-400"), -0.0);
  EXPECT_EQ(bound<double>("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(bound<double>("0." + std::string(400, '0') + "1e401"), 1.0);
  EXPECT_EQ(bound<double>("0." + std::string(50, '0') + "1e-300"), 0.0);
  EXPECT_EQ(bound<double>("1" + std::string(400, '0') + "e-800"), 0.0);
  EXPECT_EQ(bound<float>("0.1"), 0.1F);
  EXPECT_EQ(bound<float>("16777217"), 16777216.0F);
}

TEST(value_codec, what_is_too_large_for_a_number_does_not_convert) {
  EXPECT_FALSE(converts<double>("1e400"));
  EXPECT_FALSE(converts<double>("-1" + std::string(400, '0')));
  EXPECT_FALSE(converts<double>("0.001e99999999999999999999"));
  EXPECT_FALSE(converts<double>("1" + std::string(400, '0') + "e-10"));
  EXPECT_FALSE(converts<double>("0." + std::string(10, '0') + "1e400"));
  EXPECT_FALSE(converts<float>("1e39"));
  for (const char* wrong : {"null", "\"1\"", "true", ".5", "5.", "NaN", "Infinity", "01", "-01.5", ""})
    EXPECT_FALSE(converts<double>(wrong)) << wrong;
}

TEST(value_codec, booleans_are_only_true_and_false) {
  EXPECT_TRUE(bound<bool>(" true"));
  EXPECT_FALSE(bound<bool>("false"));
  for (const char* wrong : {"1", "0", "null", "\"true\"", "tru", "True", ""})
    EXPECT_FALSE(converts<bool>(wrong)) << wrong;
}

TEST(value_codec, texts_are_unescaped) {
  EXPECT_EQ(bound<std::string>(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(bound<std::string>(R"("\u0041\u00e9\u6F22\ud83d\uDE00")"), "A\xC3\xA9\xE6\xBC\xA2\xF0\x9F\x98\x80");
  EXPECT_EQ(bound<std::string>(R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(bound<std::string>("\"\xC3\xA9\""), "\xC3\xA9");
  EXPECT_EQ(bound<std::string>("null"), "");
}

TEST(value_codec, texts_that_are_none_do_not_convert) {
  for (const char* wrong :
       {R"("\ud800")", R"("\udc00")", R"("\ud800x")", R"("\ud800\n")", R"("\ud800\u0041")", R"("\ud800\ud800")",
        "\"\xFF\"", "\"\xC3\"", "\"\xED\xA0\x80\"", "\"\xE0\x80\xAF\"", "\"\xF0\x80\x80\xAF\"", "\"\xF4\x90\x80\x80\"",
        "\"\xC0\xAF\"", "\"a\x01\"", R"("\x")", R"("\u12")", R"(")", "5", "[]"}) {
    EXPECT_FALSE(converts<std::string>(wrong)) << wrong;
  }
}

TEST(value_codec, a_text_replaces_what_was_there) {
  std::string value = "old";
  ASSERT_TRUE(binds("null", value));
  EXPECT_EQ(value, "");
  value = "old";
  ASSERT_TRUE(binds(R"("\n")", value));
  EXPECT_EQ(value, "\n");
}

TEST(value_codec, bytes_are_base64) {
  const bytes expected = {std::byte{1}, std::byte{2}};
  EXPECT_EQ(bound<bytes>(R"("AQI=")"), expected);
  EXPECT_EQ(bound<bytes>(R"("A Q\nI=")"), expected);
  EXPECT_EQ(bound<bytes>(R"("\u0041QI=")"), expected);
  EXPECT_TRUE(bound<bytes>(R"("")").empty());
  EXPECT_TRUE(bound<bytes>("null").empty());
  EXPECT_EQ(bound<bytes>(R"("\u002b\/8=")"), (bytes{std::byte{0xFB}, std::byte{0xFF}}));
  for (const char* wrong : {R"("AQI")", R"("AQJ=")", R"("AR==")", R"("A")", R"("A===")", R"("=AAA")", R"("AA=A")",
                            R"("AAAA=")", R"("AQI==")", R"("_-I=")", "[1,2]", "1"}) {
    EXPECT_FALSE(converts<bytes>(wrong)) << wrong;
  }
}

TEST(value_codec, bytes_of_every_length_come_back) {
  bytes value;
  for (int size = 0; size < 70; ++size) {
    EXPECT_EQ(bound<bytes>(written(value)), value);
    value.push_back(static_cast<std::byte>(size * 37));
  }
}

TEST(value_codec, enumerations_are_numbers_in_the_range_of_their_type) {
  EXPECT_EQ(bound<color>("1"), color::green);
  EXPECT_EQ(bound<plain_number>("-1"), minus_one);
  EXPECT_EQ(written(color::green), "1");
  EXPECT_EQ(written(minus_one), "-1");
  for (const char* wrong : {"256", "-1", "1.0", "\"green\"", "null"}) EXPECT_FALSE(converts<color>(wrong)) << wrong;
}

TEST(value_codec, optional_values_take_null) {
  EXPECT_EQ(bound<std::optional<int>>("null"), std::nullopt);
  EXPECT_EQ(bound<std::optional<int>>("5"), 5);
  EXPECT_EQ(bound<std::optional<std::string>>(R"("")"), "");
  EXPECT_FALSE(converts<std::optional<int>>(R"("5")"));
  EXPECT_EQ(written(std::optional<int>()), "null");
  EXPECT_EQ(written(std::optional<std::string>("a")), R"("a")");
}

TEST(value_codec, lists_are_arrays) {
  EXPECT_EQ(bound<std::vector<int>>(" [ 1 , 2 ] "), (std::vector<int>{1, 2}));
  EXPECT_TRUE(bound<std::vector<int>>("[]").empty());
  EXPECT_TRUE(bound<std::vector<int>>("null").empty());
  EXPECT_EQ(bound<std::vector<bool>>("[true,false]"), (std::vector<bool>{true, false}));
  EXPECT_EQ(bound<std::vector<std::vector<std::string>>>(R"([[],["a"],null])"),
            (std::vector<std::vector<std::string>>{{}, {"a"}, {}}));
  EXPECT_EQ(written(std::vector<std::vector<int>>{{}, {1, 2}}), "[[],[1,2]]");
  EXPECT_EQ(written(std::vector<bool>{true, false}), "[true,false]");
  for (const char* wrong :
       {"[1,]", "[,1]", "[1 2]", "[1 22]", "[1;2]", "[1", "[", "[1}", "{}", "1", "[\"a\"]", "[null]", "[1,2.5]"}) {
    EXPECT_FALSE(converts<std::vector<int>>(wrong)) << wrong;
  }
}

TEST(value_codec, a_list_replaces_what_was_there) {
  std::vector<int> value = {1, 2, 3};
  ASSERT_TRUE(binds("[4]", value));
  EXPECT_EQ(value, std::vector<int>{4});
}

TEST(value_codec, maps_are_objects) {
  using map = std::map<std::string, int>;
  EXPECT_EQ(bound<map>(R"({"b":1,"a":2,"b":3})"), (map{{"a", 2}, {"b", 3}}));  // last wins
  EXPECT_EQ(bound<map>(R"( { "\u0061" : 1 } )"), (map{{"a", 1}}));
  EXPECT_TRUE(bound<map>("{}").empty());
  EXPECT_TRUE(bound<map>("null").empty());
  EXPECT_EQ(written(map{{"a\"", 1}, {"b", 2}}), R"({"a\"":1,"b":2})");
  using unordered = std::unordered_map<std::string, std::vector<int>>;
  EXPECT_EQ(bound<unordered>(R"({"a":[1]})"), (unordered{{"a", {1}}}));
  EXPECT_EQ(written(unordered{{"a", {1}}}), R"({"a":[1]})");
  for (const char* wrong : {R"({"a":1,})", R"({,})", R"({"a" 1})", R"({a:1})", R"({"a":1 "b":2})", R"({"a"})",
                            R"({"a":null})", R"({"\ud800":1})", "{", "[]"}) {
    EXPECT_FALSE(converts<map>(wrong)) << wrong;
  }
}

TEST(value_codec, groups_are_arrays_of_exactly_their_size) {
  EXPECT_EQ((bound<std::pair<int, std::string>>(R"([1,"x"])")), (std::pair<int, std::string>(1, "x")));
  EXPECT_EQ((bound<std::tuple<int, bool, double>>("[1,true,2]")), (std::tuple<int, bool, double>(1, true, 2.0)));
  EXPECT_EQ((bound<std::array<int, 2>>("[1,2]")), (std::array<int, 2>{1, 2}));
  EXPECT_EQ(bound<std::tuple<>>("[]"), std::tuple<>());
  EXPECT_EQ(written(std::make_tuple(1, "a", true)), R"([1,"a",true])");
  EXPECT_EQ(written(std::array<int, 2>{1, 2}), "[1,2]");
  for (const char* wrong : {"[1]", R"([1,"x",2])", R"(["x",1])", "null", "{}", R"([1,"x")", R"([1,"x",])"}) {
    EXPECT_FALSE((converts<std::pair<int, std::string>>(wrong))) << wrong;
  }
}

TEST(value_codec, texts_of_every_kind_are_written_alike) {
  const char* pointer = "a";
  EXPECT_EQ(written(pointer), R"("a")");
  EXPECT_EQ(written("a"), R"("a")");
  EXPECT_EQ(written(std::string("a")), R"("a")");
  EXPECT_EQ(written(std::string_view("a")), R"("a")");
  pointer = nullptr;
  EXPECT_EQ(written(pointer), "null");
  EXPECT_EQ(written(nullptr), "null");
}

TEST(value_codec, values_as_deep_as_a_message_may_be_bind) {
  const std::string deep = std::string(63, '[') + std::string(63, ']');
  json_hub_protocol().with_reader(deep, [](value_reader& reader) { EXPECT_TRUE(reader.skip()); });
  const std::string deeper = "[" + deep + "]";
  json_hub_protocol().with_reader(deeper, [](value_reader& reader) {
    EXPECT_FALSE(reader.skip());
    EXPECT_FALSE(reader.ok());
  });
  json_hub_protocol().with_reader(deeper, [](value_reader& reader) {
    int entered = 0;
    while (reader.enter_array() && reader.next_element()) ++entered;
    EXPECT_EQ(entered, 63);
    EXPECT_FALSE(reader.ok());
  });
}

TEST(value_codec, values_side_by_side_are_not_nested) {
  std::string wide = "[";
  for (int list = 0; list < 100; ++list) wide += list == 0 ? "[1]" : ",[1]";
  EXPECT_EQ(bound<std::vector<std::vector<int>>>(wide + "]").size(), 100U);

  std::string objects = "[";
  for (int list = 0; list < 100; ++list) objects += list == 0 ? R"({"a":1})" : R"(,{"a":1})";
  EXPECT_EQ((bound<std::vector<std::map<std::string, int>>>(objects + "]").size()), 100U);
}

TEST(value_codec, a_comma_before_the_end_is_malformed) {
  json_hub_protocol().with_reader("[1,]", [](value_reader& reader) {
    ASSERT_TRUE(reader.enter_array() && reader.next_element() && reader.skip());
    EXPECT_FALSE(reader.next_element());
    EXPECT_FALSE(reader.ok());
  });
}

TEST(value_codec, peeking_tells_the_kind_and_consumes_nothing) {
  const std::pair<const char*, value_kind> kinds[] = {
      {"null", value_kind::null},   {"true", value_kind::boolean}, {" false", value_kind::boolean},
      {"-12", value_kind::integer}, {"1.5", value_kind::number},   {"1e5", value_kind::number},
      {"\"\"", value_kind::string}, {"[]", value_kind::array},     {"{}", value_kind::object},
      {"", value_kind::invalid},    {"x", value_kind::invalid},    {"nul", value_kind::invalid},
      {"-", value_kind::invalid}};
  for (const auto& [encoded, kind] : kinds) {
    json_hub_protocol().with_reader(encoded, [&, expected = kind](value_reader& reader) {
      EXPECT_EQ(reader.peek(), expected);
      EXPECT_EQ(reader.peek(), expected);
      EXPECT_EQ(reader.skip(), expected != value_kind::invalid);
    });
  }
}

TEST(value_codec, raw_values_are_slices_of_the_message) {
  const std::string encoded = R"([ {"a":[1, 2]} ,"x"])";
  json_hub_protocol().with_reader(encoded, [](value_reader& reader) {
    bytes_view raw;
    ASSERT_TRUE(reader.enter_array() && reader.next_element() && reader.read_raw(raw));
    EXPECT_EQ(raw, R"({"a":[1, 2]})");
    ASSERT_TRUE(reader.next_element() && reader.read_raw(raw));
    EXPECT_EQ(raw, R"("x")");
    EXPECT_FALSE(reader.next_element());
    EXPECT_TRUE(reader.ok());
  });
}

}  // namespace
}  // namespace hubbub::test
