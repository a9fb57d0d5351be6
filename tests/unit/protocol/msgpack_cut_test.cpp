// Cutting received bytes into MessagePack messages: wherever they were split, and when they are too many.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "msgpack_values.hpp"

namespace hubbub::test {
namespace {

using outcome = message_cut::outcome;

message_cut cut(std::string_view received, std::size_t limit) {
  std::size_t scanned = 0;
  return messagepack_hub_protocol().cut(received, scanned, limit);
}

outcome found(std::string_view digits, std::size_t limit = 0) { return cut(from_hex(digits), limit).found; }

TEST(msgpack_cut, a_message_is_as_long_as_its_prefix_says) {
  const message_cut one = cut(from_hex("029106039208"), 0);

  EXPECT_EQ(one.found, outcome::whole);
  EXPECT_EQ(one.begin, 1U);
  EXPECT_EQ(one.size, 2U);
  EXPECT_EQ(one.used, 3U);
}

TEST(msgpack_cut, the_place_of_a_split_does_not_matter) {
  std::string long_message(300, 'x');
  const std::string wire = from_hex("029106") + from_hex("ac02") + long_message + from_hex("00") + from_hex("029106");
  const std::vector<std::string> expected = {from_hex("9106"), long_message, "", from_hex("9106")};
  for (std::size_t first = 0; first <= wire.size(); ++first) {
    std::string pending;
    std::size_t scanned = 0;
    std::vector<std::string> messages;

    for (const std::string& piece : {wire.substr(0, first), wire.substr(first)}) {
      pending += piece;
      for (;;) {
        const message_cut one = messagepack_hub_protocol().cut(pending, scanned, 1024);
        if (one.found != outcome::whole) {
          ASSERT_EQ(one.found, outcome::incomplete);
          break;
        }
        messages.push_back(pending.substr(one.begin, one.size));
        pending.erase(0, one.used);
      }
    }

    ASSERT_EQ(messages, expected) << "split at " << first;
    ASSERT_TRUE(pending.empty());
  }
}

TEST(msgpack_cut, byte_by_byte_every_message_of_the_vectors_comes_whole) {
  for (const auto& vector : load_vectors("messagepack_send.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const std::string wire = bytes_of(vector, "wire");
    for (std::size_t size = 0; size < wire.size(); ++size) {
      ASSERT_EQ(cut(std::string_view(wire).substr(0, size), 32768).found, outcome::incomplete) << size;
    }
    EXPECT_EQ(cut(wire, 32768).used, wire.size());
  }
}

TEST(msgpack_cut, a_longer_prefix_than_needed_is_one) {
  const message_cut one = cut(from_hex("828080009106"), 0);

  EXPECT_EQ(one.found, outcome::whole);
  EXPECT_EQ(one.begin, 4U);
  EXPECT_EQ(one.size, 2U);
}

TEST(msgpack_cut, more_than_2_GiB_is_malformed) {
  EXPECT_EQ(found("ffffffff07"), outcome::incomplete);
  EXPECT_EQ(found("ffffffff08"), outcome::malformed);
  EXPECT_EQ(found("ffffffff0f"), outcome::malformed);
  EXPECT_EQ(found("ffffffff87"), outcome::malformed);
  EXPECT_EQ(found("8080808080"), outcome::malformed);
  EXPECT_EQ(found("80808080"), outcome::incomplete);
}

TEST(msgpack_cut, a_length_above_the_limit_is_refused_at_once) {
  EXPECT_EQ(found("05", 5), outcome::too_large);  // the prefix counts
  EXPECT_EQ(found("04", 5), outcome::incomplete);
  EXPECT_EQ(found("0461626364", 5), outcome::whole);
  EXPECT_EQ(found("ffffffff07", 32768), outcome::too_large);
  EXPECT_EQ(found("fdffff", 32768), outcome::incomplete);  // the prefix is not whole yet
  EXPECT_EQ(found("fdff01", 32768), outcome::incomplete);  // 32765 and 3
  EXPECT_EQ(found("feff01", 32768), outcome::too_large);
}

TEST(msgpack_cut, nothing_is_incomplete) { EXPECT_EQ(found("", 10), outcome::incomplete); }

}  // namespace
}  // namespace hubbub::test
