// Cutting received bytes into messages: wherever they were split, and when they are too many.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "vectors.hpp"

namespace hubbub::test {
namespace {

using outcome = message_cut::outcome;

constexpr std::string_view three = "{\"type\":6}\x1e{}\x1e{\"type\":7}\x1e";

// Takes whole messages from the front of `pending`, as a connection does after each delivery.
void take_messages(std::string& pending, std::size_t& scanned, std::vector<std::string>& messages) {
  for (;;) {
    const message_cut cut = json_hub_protocol().cut(pending, scanned, 1024);
    if (cut.found != outcome::whole) {
      ASSERT_EQ(cut.found, outcome::incomplete);
      return;
    }
    messages.push_back(pending.substr(cut.begin, cut.size));
    pending.erase(0, cut.used);
  }
}

TEST(cut, a_message_ends_at_its_separator) {
  std::size_t scanned = 0;

  const message_cut cut = json_hub_protocol().cut(three, scanned, 0);

  EXPECT_EQ(cut.found, outcome::whole);
  EXPECT_EQ(three.substr(cut.begin, cut.size), "{\"type\":6}");
  EXPECT_EQ(cut.used, 11U);
  EXPECT_EQ(scanned, 0U);
}

TEST(cut, the_place_of_a_split_does_not_matter) {
  const std::vector<std::string> expected = {"{\"type\":6}", "{}", "{\"type\":7}"};
  for (std::size_t first = 0; first <= three.size(); ++first) {
    for (std::size_t second = first; second <= three.size(); ++second) {
      std::string pending;
      std::size_t scanned = 0;
      std::vector<std::string> messages;

      for (const auto piece : {three.substr(0, first), three.substr(first, second - first), three.substr(second)}) {
        pending += piece;
        take_messages(pending, scanned, messages);
      }

      ASSERT_EQ(messages, expected) << "split at " << first << " and " << second;
      ASSERT_TRUE(pending.empty());
    }
  }
}

TEST(cut, byte_by_byte_looks_at_each_byte_once) {
  const std::string wire = std::string(500, 'x') + "\x1e";
  std::size_t scanned = 0;
  for (std::size_t size = 1; size < wire.size(); ++size) {
    ASSERT_EQ(json_hub_protocol().cut(wire.substr(0, size), scanned, 0).found, outcome::incomplete);
    ASSERT_EQ(scanned, size);
  }
  EXPECT_EQ(json_hub_protocol().cut(wire, scanned, 0).found, outcome::whole);
}

TEST(cut, an_empty_message_is_one) {
  std::size_t scanned = 0;

  const message_cut cut = json_hub_protocol().cut("\x1e", scanned, 10);

  EXPECT_EQ(cut.found, outcome::whole);
  EXPECT_EQ(cut.size, 0U);
  EXPECT_EQ(cut.used, 1U);
}

TEST(cut, nothing_is_incomplete) {
  std::size_t scanned = 0;
  EXPECT_EQ(json_hub_protocol().cut({}, scanned, 10).found, outcome::incomplete);
}

TEST(cut, the_limit_counts_the_separator) {
  const auto found = [](std::string_view received, std::size_t limit) {
    std::size_t scanned = 0;
    return json_hub_protocol().cut(received, scanned, limit).found;
  };
  EXPECT_EQ(found("12345\x1e", 6), outcome::whole);
  EXPECT_EQ(found("12345\x1e", 5), outcome::too_large);
  EXPECT_EQ(found("12345", 5), outcome::incomplete);  // refused as soon as more than the limit is there
  EXPECT_EQ(found("123456", 5), outcome::too_large);
  EXPECT_EQ(found("123\x1e"
                  "456789",
                  5),
            outcome::whole);
  EXPECT_EQ(found(std::string(100000, 'x'), 0), outcome::incomplete);
}

TEST(cut, the_limit_is_kept_when_bytes_come_one_by_one) {
  const std::string wire = "123456789\x1e";
  std::size_t scanned = 0;
  std::size_t size = 0;
  while (++size < wire.size()) {
    if (json_hub_protocol().cut(wire.substr(0, size), scanned, 6).found == outcome::too_large) break;
  }
  EXPECT_EQ(size, 7U);
}

}  // namespace
}  // namespace hubbub::test
