// Which MessagePack values bind to which C++ types, and how those are written.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hubbub/json.hpp"
#include "hubbub/protocol/chrono_codec.hpp"
#include "hubbub/protocol/fields.hpp"
#include "msgpack_values.hpp"

namespace packed {

struct message {
  std::string text;
  int stars = 3;
};
HUBBUB_FIELDS(message, text, (stars, "Stars"))

struct order {
  std::vector<message> lines;
  std::optional<double> total;
};
HUBBUB_FIELDS(order, lines, total)

}  // namespace packed

namespace hubbub::test::msgpack {
namespace {

TEST(msgpack_value, integers_of_every_format_bind_when_they_fit) {
  for (const char* five : {"05", "cc05", "cd0005", "ce00000005", "cf0000000000000005", "d005", "d10005", "d200000005",
                           "d30000000000000005", "cb4014000000000000", "ca40a00000"}) {
    EXPECT_EQ(bound<std::int8_t>(five), 5) << five;
    EXPECT_EQ(bound<std::uint64_t>(five), 5U) << five;
    EXPECT_EQ(bound<double>(five), 5.0) << five;
  }
  for (const char* minus : {"ff", "d0ff", "d1ffff", "d2ffffffff", "d3ffffffffffffffff", "cbbff0000000000000"}) {
    EXPECT_EQ(bound<int>(minus), -1) << minus;
    EXPECT_EQ(bound<double>(minus), -1.0) << minus;
    EXPECT_FALSE(converts<std::uint32_t>(minus)) << minus;
  }
  EXPECT_EQ(bound<std::int8_t>("d080"), -128);
  EXPECT_FALSE(converts<std::int8_t>("d1ff7f"));
  EXPECT_FALSE(converts<std::int8_t>("cc80"));
  EXPECT_FALSE(converts<std::int32_t>("ce80000000"));
  EXPECT_EQ(bound<std::int64_t>("d38000000000000000"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(bound<std::int64_t>("cf7fffffffffffffff"), std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(converts<std::int64_t>("cf8000000000000000"));
  EXPECT_EQ(bound<std::uint64_t>("cfffffffffffffffff"), std::numeric_limits<std::uint64_t>::max());
}

TEST(msgpack_value, integers_come_back_whole) {
  for (int shift = 0; shift < 64; ++shift) {
    for (const std::int64_t delta : {-1, 0, 1}) {
      const auto bits = (std::uint64_t{1} << shift) + static_cast<std::uint64_t>(delta);
      const auto value = static_cast<std::int64_t>(bits);
      EXPECT_EQ(bound<std::uint64_t>(written(bits)), bits);
      EXPECT_EQ(bound<std::int64_t>(written(value)), value);
    }
  }
}

TEST(msgpack_value, a_float_is_an_integer_only_without_fraction_and_in_range) {
  EXPECT_EQ(bound<std::int64_t>("cbc3e0000000000000"), std::numeric_limits<std::int64_t>::min());
  EXPECT_FALSE(converts<std::int64_t>("cb43e0000000000000"));  // 2^63
  EXPECT_EQ(bound<std::uint64_t>("cb43e0000000000000"), std::uint64_t{1} << 63);
  EXPECT_FALSE(converts<std::uint64_t>("cb43f0000000000000"));  // 2^64
  EXPECT_EQ(bound<std::uint64_t>("cb8000000000000000"), 0U);    // minus zero
  for (const char* wrong : {"cb3fe0000000000000", "cb7ff0000000000000", "cb7ff8000000000000", "ca3f000000"}) {
    EXPECT_FALSE(converts<int>(wrong)) << wrong;
    EXPECT_FALSE(converts<std::uint64_t>(wrong)) << wrong;
  }
}

TEST(msgpack_value, other_things_are_no_integers) {
  for (const char* wrong :
       {"c0", "c3", "a135", "9105", "8105", "c40105", "d6ff00000005", "c1", "", "cd00", "cb00", "ce"}) {
    EXPECT_FALSE(converts<int>(wrong)) << wrong;
    EXPECT_FALSE(converts<std::uint64_t>(wrong)) << wrong;
  }
}

TEST(msgpack_value, numbers_keep_every_bit) {
  EXPECT_EQ(bound<double>("cb3fb999999999999a"), 0.1);
  EXPECT_EQ(bound<double>("ca3f000000"), 0.5);
  EXPECT_EQ(bound<float>("cb3fb999999999999a"), 0.1F);
  EXPECT_EQ(bound<float>("ca7f7fffff"), std::numeric_limits<float>::max());
  EXPECT_FALSE(converts<float>("cb7fefffffffffffff"));
  EXPECT_EQ(bound<double>("cfffffffffffffffff"), 0x1p64);
  EXPECT_TRUE(std::isnan(bound<double>(written(std::nan("")))));
  EXPECT_EQ(bound<float>(written(-std::numeric_limits<float>::infinity())), -std::numeric_limits<float>::infinity());
  for (const char* wrong : {"c0", "c3", "a131", "90"}) EXPECT_FALSE(converts<double>(wrong)) << wrong;
}

TEST(msgpack_value, booleans_are_only_true_and_false) {
  EXPECT_TRUE(bound<bool>("c3"));
  EXPECT_FALSE(bound<bool>("c2"));
  for (const char* wrong : {"01", "00", "c0", "a474727565", ""}) EXPECT_FALSE(converts<bool>(wrong)) << wrong;
}

TEST(msgpack_value, texts_of_every_format_bind) {
  for (const char* text : {"a26869", "d9026869", "da00026869", "db000000026869"})
    EXPECT_EQ(bound<std::string>(text), "hi") << text;
  EXPECT_EQ(bound<std::string>("c0"), "");
  EXPECT_EQ(bound<std::string>("a5c3a9e282ac"), "\xC3\xA9\xE2\x82\xAC");
  for (const char* wrong : {"05", "c4026869", "a3", "a36869", "db7fffffff68", "91a161", "c3"})
    EXPECT_FALSE(converts<std::string>(wrong)) << wrong;
}

// As .NET does it, once for each piece that could have begun a sequence.
TEST(msgpack_value, text_that_is_no_utf8_is_mended) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(bound<std::string>("a1ff"), mark);
  EXPECT_EQ(bound<std::string>("a361ff62"), "a" + mark + "b");
  EXPECT_EQ(bound<std::string>("a2e282"), mark);
  EXPECT_EQ(bound<std::string>("a4e282e282"), mark + mark);
  EXPECT_EQ(bound<std::string>("a3f09f98"), mark);
  EXPECT_EQ(bound<std::string>("a3eda080"), mark + mark + mark);
  EXPECT_EQ(bound<std::string>("a2c080"), mark + mark);
  EXPECT_EQ(bound<std::string>("a4f4908080"), mark + mark + mark + mark);
  EXPECT_EQ(bound<std::string>("a2c241"), mark + "A");
}

// Short texts are checked while they are copied: each size, and a wrong byte at each place.
TEST(msgpack_value, texts_of_every_size_are_written_whole_and_mended_wherever_they_are_wrong) {
  const std::string letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN";
  const auto head = [](std::size_t size) {
    return size < 32 ? std::string(1, static_cast<char>(0xa0 + size))
                     : "\xd9" + std::string(1, static_cast<char>(size));
  };
  for (std::size_t size = 0; size <= letters.size(); ++size) {
    // A copy that is exactly as long, so that sanitizers see each look behind it.
    const std::vector<char> copy(letters.begin(), letters.begin() + static_cast<std::ptrdiff_t>(size));
    const std::string_view text(copy.data(), size);
    EXPECT_EQ(written(text), hex_of(head(size) + std::string(text)));
    for (std::size_t at = 0; at < size; ++at) {
      std::string wrong(text);
      wrong[at] = '\xff';
      EXPECT_EQ(written(wrong), hex_of(head(size + 2) + std::string(text).replace(at, 1, "\xEF\xBF\xBD"))) << wrong;
    }
  }
  EXPECT_EQ(written(std::string("gr\xC3\xBC\xC3\x9F")), hex_of("\xa6gr\xC3\xBC\xC3\x9F"));
}

TEST(msgpack_value, bytes_come_as_bin_text_or_small_integers) {
  const bytes expected = {std::byte{1}, std::byte{0xff}};
  for (const char* two : {"c40201ff", "c5000201ff", "c60000000201ff", "a201ff", "9201ccff"})
    EXPECT_EQ(bound<bytes>(two), expected) << two;
  EXPECT_TRUE(bound<bytes>("c0").empty());
  EXPECT_EQ(written(expected), "c40201ff");
  for (const char* wrong : {"05", "92ff01", "91cd0100", "c40301ff", "c67fffffff01", "81a16101", "d501ff01"})
    EXPECT_FALSE(converts<bytes>(wrong)) << wrong;
}

TEST(msgpack_value, optional_values_take_nil) {
  EXPECT_EQ(bound<std::optional<int>>("c0"), std::nullopt);
  EXPECT_EQ(bound<std::optional<int>>("05"), 5);
  EXPECT_EQ(written(std::optional<int>()), "c0");
  EXPECT_EQ(written(std::optional<int>(5)), "05");
}

TEST(msgpack_value, lists_are_arrays) {
  EXPECT_EQ(bound<std::vector<int>>("920102"), (std::vector<int>{1, 2}));
  EXPECT_EQ(bound<std::vector<int>>("dc00020102"), (std::vector<int>{1, 2}));
  EXPECT_TRUE(bound<std::vector<int>>("90").empty());
  EXPECT_TRUE(bound<std::vector<int>>("c0").empty());
  EXPECT_EQ(bound<std::vector<bool>>("92c3c2"), (std::vector<bool>{true, false}));
  EXPECT_EQ(written(std::vector<std::vector<int>>{{}, {1, 2}}), "9290920102");
  EXPECT_EQ((bound<std::pair<int, std::string>>("9201a178")), (std::pair<int, std::string>(1, "x")));
  EXPECT_FALSE((converts<std::pair<int, std::string>>("9101")));
  EXPECT_FALSE((converts<std::pair<int, std::string>>("9301a17802")));
  for (const char* wrong : {"9201", "80", "01", "91a161", "91c0", "ddffffffff01", "92cb3fe000000000000001"})
    EXPECT_FALSE(converts<std::vector<int>>(wrong)) << wrong;
}

TEST(msgpack_value, maps_have_names_in_text) {
  using map = std::map<std::string, int>;
  EXPECT_EQ(bound<map>("83a16201a16102a16203"), (map{{"a", 2}, {"b", 3}}));  // last wins
  EXPECT_EQ(bound<map>("de0001a16105"), (map{{"a", 5}}));
  EXPECT_TRUE(bound<map>("80").empty());
  EXPECT_TRUE(bound<map>("c0").empty());
  EXPECT_EQ(written(map{{"a", 1}, {"b", 2}}), "82a16101a16202");
  for (const char* wrong : {"810102", "81c002", "81a161", "81a161c0", "90", "dfffffffffa16101", "82a16101"})
    EXPECT_FALSE(converts<map>(wrong)) << wrong;
}

TEST(msgpack_value, a_map_whose_names_meet_in_one_place_is_refused) {
  std::unordered_map<std::string, int> table;
  table.reserve(4096);
  const std::size_t buckets = table.bucket_count();
  std::map<std::string, int> same;
  for (int i = 0; same.size() < 200; ++i) {
    const std::string name = std::to_string(i);
    if (std::hash<std::string>()(name) % buckets == 0) same[name] = i;
  }
  // Read into a table of that size; one that grows with its content is not so easily met, but the same guard is in it.
  bool bound_it = true;
  wire_buffer out;
  messagepack_hub_protocol().write_stream_item(out, "1", [&](value_writer& writer) { write_value(writer, same); });
  hub_message message;
  std::size_t scanned = 0;
  const message_cut cut = messagepack_hub_protocol().cut(out.view(), scanned, 0);
  ASSERT_EQ(messagepack_hub_protocol().parse(out.view().substr(cut.begin, cut.size), message), parse_status::message);
  messagepack_hub_protocol().with_reader(message.value,
                                         [&](value_reader& reader) { bound_it = read_value(reader, table); });
  EXPECT_FALSE(bound_it);
  EXPECT_EQ((bound<std::unordered_map<std::string, int>>(written(same)).size()), 200U);
}

TEST(msgpack_value, structs_are_maps_with_names) {
  EXPECT_EQ(written(packed::message{"hi", 2}), "82a474657874a26869a5537461727302");
}

TEST(msgpack_value, members_are_found_without_regard_to_case_and_order) {
  const auto same = bound<packed::message>("82a5737461727301a454455854a161");
  EXPECT_EQ(same.text, "a");
  EXPECT_EQ(same.stars, 1);
}

TEST(msgpack_value, unknown_members_are_skipped_and_missing_ones_stay) {
  EXPECT_EQ(bound<packed::message>("82a1789281a16101c0a474657874a161").text, "a");
  EXPECT_EQ(bound<packed::message>("80").stars, 3);
}

TEST(msgpack_value, structs_are_read_from_arrays_in_order_of_their_members) {
  const auto both = bound<packed::message>("92a16105");
  EXPECT_EQ(both.text, "a");
  EXPECT_EQ(both.stars, 5);
  EXPECT_EQ(bound<packed::message>("91a161").stars, 3);
  EXPECT_EQ(bound<packed::message>("93a16105818001").stars, 5);
  EXPECT_EQ(bound<packed::order>("929292a1610182a5537461727302a474657874a162cb4000000000000000").lines.at(1).stars, 2);
  for (const char* wrong : {"9205a161", "92a161", "92a161c0", "c0", "05", "93a16105"})
    EXPECT_FALSE(converts<packed::message>(wrong)) << wrong;
}

TEST(msgpack_value, values_side_by_side_are_not_nested) {
  std::string wide = "dc0064";
  for (int list = 0; list < 100; ++list) wide += "9101";
  EXPECT_EQ(bound<std::vector<std::vector<int>>>(wide).size(), 100U);
}

TEST(msgpack_value, peeking_tells_the_kind_and_consumes_nothing) {
  const std::pair<const char*, value_kind> kinds[] = {{"c0", value_kind::null},
                                                      {"c2", value_kind::boolean},
                                                      {"00", value_kind::integer},
                                                      {"7f", value_kind::integer},
                                                      {"e0", value_kind::integer},
                                                      {"cc00", value_kind::integer},
                                                      {"d30000000000000000", value_kind::integer},
                                                      {"ca00000000", value_kind::number},
                                                      {"cb0000000000000000", value_kind::number},
                                                      {"a0", value_kind::string},
                                                      {"bf", value_kind::string},
                                                      {"d900", value_kind::string},
                                                      {"c400", value_kind::binary},
                                                      {"90", value_kind::array},
                                                      {"dd00000000", value_kind::array},
                                                      {"80", value_kind::object},
                                                      {"de0000", value_kind::object},
                                                      {"c70001", value_kind::extension},
                                                      {"d4ff00", value_kind::extension},
                                                      {"d6ff00000000", value_kind::extension},
                                                      {"c1", value_kind::invalid},
                                                      {"", value_kind::invalid}};
  for (const auto& [digits, kind] : kinds) {
    const std::string encoded = from_hex(digits);
    messagepack_hub_protocol().with_reader(encoded, [&, expected = kind, d = digits](value_reader& reader) {
      EXPECT_EQ(reader.peek(), expected) << d;
      EXPECT_EQ(reader.peek(), expected) << d;
      EXPECT_EQ(reader.skip(), expected != value_kind::invalid && std::string(d) != "bf") << d;
    });
  }
}

TEST(msgpack_value, raw_values_are_slices_of_the_message) {
  const std::string good = from_hex("9281a1619101a178");
  messagepack_hub_protocol().with_reader(good, [](value_reader& reader) {
    bytes_view raw;
    ASSERT_TRUE(reader.enter_array() && reader.next_element() && reader.read_raw(raw));
    EXPECT_EQ(hex_of(raw), "81a1619101");
    ASSERT_TRUE(reader.next_element() && reader.read_raw(raw));
    EXPECT_EQ(hex_of(raw), "a178");
    EXPECT_FALSE(reader.next_element());
    EXPECT_TRUE(reader.ok());
  });
}

// ------------------------------------------------------------------------------------------------ times

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::system_clock;
using ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
using tick_time = std::chrono::time_point<system_clock, ticks>;

TEST(msgpack_value, times_are_timestamps_in_three_forms) {
  EXPECT_EQ(written(tick_time()), "d6ff00000000");
  EXPECT_EQ(written(tick_time(4294967295s)), "d6ffffffffff");
  EXPECT_EQ(written(tick_time(4294967296s)), "d7ff0000000100000000");
  EXPECT_EQ(written(tick_time(1s + 500ms)), "d7ff7735940000000001");
  EXPECT_EQ(written(tick_time(17179869183s + ticks(1))), "d7ff00000193ffffffff");
  EXPECT_EQ(written(tick_time(17179869184s)), "c70cff000000000000000400000000");
  EXPECT_EQ(written(tick_time(-1s)), "c70cff00000000ffffffffffffffff");
  EXPECT_EQ(written(tick_time(-1s + ticks(1))), "c70cff00000064ffffffffffffffff");
}

TEST(msgpack_value, times_come_back) {
  for (const tick_time time : {tick_time(), tick_time(4294967296s + ticks(9999999)), tick_time(-1s + ticks(1)),
                               tick_time(sys_days(std::chrono::year(1) / 1 / 1)),
                               tick_time(sys_days(std::chrono::year(9999) / 12 / 31)), tick_time(1s)}) {
    EXPECT_EQ(bound<tick_time>(written(time)), time);
  }
  EXPECT_EQ(bound<system_clock::time_point>("d6ff00000001"), system_clock::time_point(1s));
  EXPECT_EQ(bound<std::chrono::sys_seconds>("c70cff000000000000000000000001"), std::chrono::sys_seconds(1s));
  EXPECT_EQ(bound<tick_time>("b4323032362d31312d32345430393a33303a30305a"),
            sys_days(std::chrono::year(2026) / 11 / 24) + 9h + 30min);
}

TEST(msgpack_value, a_time_with_an_offset_is_read_as_dotnet_writes_it) {
  EXPECT_EQ(bound<tick_time>("92d6ff00000e103c"), tick_time());
  EXPECT_EQ(bound<tick_time>("92d6ff00000000d0c4"), tick_time(1h));
  for (const char* wrong :
       {"91d6ff00000e10", "92d6ff00000e10cd0349", "92013c", "93d6ff00000e103c00", "92d6ff00000e10c0"})
    EXPECT_FALSE(converts<tick_time>(wrong)) << wrong;
}

TEST(msgpack_value, what_is_no_time_does_not_convert) {
  for (const char* wrong : {"00", "c0", "d4ff00", "d6fe00000000", "c703ff000000", "d7ffee6b280000000000",
                            "c70cff3b9aca000000000000000000", "c70cff000000007fffffffffffffff",
                            "c70cff000000008000000000000000", "c70cff00000000fffffff1886e08ff", "d6ff0000", "a0"}) {
    EXPECT_FALSE(converts<tick_time>(wrong)) << wrong;
  }
  EXPECT_THROW(written(sys_days(std::chrono::year(10000) / 1 / 1)), std::invalid_argument);
}

TEST(msgpack_value, durations_are_ticks) {
  EXPECT_EQ(written(90s), "ce35a4e900");
  EXPECT_EQ(written(-1ms), "d1d8f0");
  EXPECT_EQ(bound<std::chrono::seconds>("ce35a4e900"), 90s);
  EXPECT_EQ(bound<std::chrono::milliseconds>("d1d8f0"), -1ms);
  EXPECT_EQ(bound<std::chrono::seconds>("a830303a30313a3330"), 90s);
  EXPECT_EQ(bound<ticks>(written(ticks::min())), ticks::min());
  EXPECT_FALSE(converts<std::chrono::nanoseconds>("cf7fffffffffffffff"));
  for (const char* wrong : {"c0", "c3", "cb3fe0000000000000", "a3393073", "cf8000000000000000"})
    EXPECT_FALSE(converts<ticks>(wrong)) << wrong;
}

TEST(msgpack_value, dates_are_numbers_of_days_and_times_of_day_ticks) {
  using std::chrono::year_month_day;
  const year_month_day date = std::chrono::year(2026) / 1 / 2;
  EXPECT_EQ(written(date), "ce000b4921");
  EXPECT_EQ(bound<year_month_day>("ce000b4921"), date);
  EXPECT_EQ(bound<year_month_day>("00"), year_month_day(std::chrono::year(1) / 1 / 1));
  EXPECT_EQ(bound<year_month_day>("ce0037b9da"), year_month_day(std::chrono::year(9999) / 12 / 31));
  EXPECT_EQ(bound<year_month_day>("aa323032362d30312d3032"), date);
  for (const char* wrong : {"ce0037b9db", "ff", "c0", "d6ff00000000"}) EXPECT_FALSE(converts<year_month_day>(wrong));
  using time_of_day = std::chrono::hh_mm_ss<std::chrono::seconds>;
  EXPECT_EQ(written(time_of_day(3h + 4min + 5s)), written(3h + 4min + 5s));
  EXPECT_EQ(bound<time_of_day>(written(3h)).hours(), 3h);
  EXPECT_FALSE(converts<time_of_day>(written(24h)));
  EXPECT_FALSE(converts<time_of_day>("ff"));
}

// ------------------------------------------------------------------------------------------------ documents

TEST(msgpack_value, documents_come_back) {
  const nlohmann::json document = {{"n", nullptr},
                                   {"b", true},
                                   {"i", -5},
                                   {"u", std::numeric_limits<std::uint64_t>::max()},
                                   {"d", 0.5},
                                   {"s", "x"},
                                   {"a", {1, nlohmann::json::array(), nlohmann::json::object()}},
                                   {"bin", nlohmann::json::binary({1, 2})},
                                   {"ext", nlohmann::json::binary({1, 2, 3}, 7)}};
  EXPECT_EQ(bound<nlohmann::json>(written(document)), document);
}

TEST(msgpack_value, times_in_documents_are_the_text_they_are_in_json) {
  EXPECT_EQ(bound<nlohmann::json>("d6ff00000001"), "1970-01-01T00:00:01Z");
  EXPECT_EQ(bound<nlohmann::ordered_json>("d7ff7735940000000001"), "1970-01-01T00:00:01.5Z");
}

TEST(msgpack_value, broken_documents_do_not_convert) {
  for (const char* wrong : {"", "c1", "91", "81a161", "810102", "a3", "ddffffffff", "d6ff00"})
    EXPECT_FALSE(converts<nlohmann::json>(wrong)) << wrong;
  std::string deep;
  for (int level = 0; level < 64; ++level) deep += "91";
  EXPECT_FALSE(converts<nlohmann::json>(deep + "01"));
  EXPECT_TRUE(converts<nlohmann::json>(deep.substr(2) + "01"));
}

}  // namespace
}  // namespace hubbub::test::msgpack
