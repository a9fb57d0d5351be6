// Wire buffers, the turn buffer's blocks, and text made fit for the log.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "hubbub/core/logger.hpp"
#include "hubbub/core/turn_buffer.hpp"
#include "hubbub/core/wire_buffer.hpp"

namespace {

using namespace hubbub;

std::string text_of(const turn_buffer::slice& slice) { return {slice.block->bytes() + slice.at, slice.size}; }

TEST(wire_buffer, grows_and_keeps_what_was_written) {
  wire_buffer out;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string piece = std::to_string(i);
    out.put(piece);
    out.put(',');
    expected += piece + ',';
  }

  EXPECT_EQ(out.view(), expected);
  out.truncate(3);
  EXPECT_EQ(out.view(), "0,1");
  out.clear();
  out.put(std::string_view());
  EXPECT_EQ(out.size(), 0u);
  out.release();
  EXPECT_EQ(out.capacity(), 0u);
}

TEST(turn_buffer, stores_slices_one_behind_the_other) {
  turn_buffer buffer;
  const auto first = buffer.store("h:", "one");
  const auto second = buffer.store("", "two");

  EXPECT_EQ(text_of(first), "h:one");
  EXPECT_EQ(text_of(second), "two");
  EXPECT_EQ(first.block, second.block);
  EXPECT_EQ(second.at, first.at + first.size);
  buffer.release(first.block);
  buffer.release(second.block);
}

TEST(turn_buffer, takes_views_of_nothing) {
  turn_buffer buffer;
  const auto head_only = buffer.store("head", {});
  const auto nothing = buffer.store({}, {});

  EXPECT_EQ(text_of(head_only), "head");
  EXPECT_EQ(nothing.size, 0u);
  buffer.release(head_only.block);
  buffer.release(nothing.block);
}

TEST(turn_buffer, room_that_nobody_reads_any_more_is_used_again) {
  turn_buffer buffer;
  const auto first = buffer.store("", "one");
  buffer.release(first.block);
  const auto second = buffer.store("", "two");

  EXPECT_EQ(second.at, 0u);
  EXPECT_EQ(text_of(second), "two");
  buffer.release(second.block);
}

TEST(turn_buffer, slices_stay_as_they_are_while_others_come_and_go) {
  turn_buffer buffer;
  std::vector<std::pair<turn_buffer::slice, std::string>> kept;
  for (int i = 0; i < 2000; ++i) {
    std::string text(static_cast<std::size_t>(i % 300 + 1), static_cast<char>('a' + i % 26));
    kept.emplace_back(buffer.store("", text), text);
    if (i % 3 == 0) {
      const auto place = static_cast<std::size_t>(i) * 7 % kept.size();
      buffer.release(kept[place].first.block);
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(place));
    }
    if (i % 97 == 0) {
      for (const auto& [slice, expected] : kept) ASSERT_EQ(text_of(slice), expected);
    }
  }
  for (const auto& [slice, expected] : kept) {
    ASSERT_EQ(text_of(slice), expected);
    buffer.release(slice.block);
  }
}

TEST(turn_buffer, takes_messages_larger_than_a_block) {
  turn_buffer buffer;
  const std::string large(200'000, 'x');
  const auto slice = buffer.store("head", large);
  const auto small = buffer.store("", "after");

  EXPECT_EQ(text_of(slice), "head" + large);
  EXPECT_EQ(text_of(small), "after");
  buffer.release(slice.block);
  buffer.release(small.block);
}

TEST(turn_buffer, the_scratch_buffer_is_empty_when_handed_out_and_large_room_is_given_back) {
  turn_buffer buffer;
  buffer.scratch().put(std::string(300'000, 'x'));

  EXPECT_EQ(buffer.scratch().size(), 0u);
  EXPECT_GE(buffer.scratch().capacity(), 300'000u);
  buffer.trim();
  EXPECT_EQ(buffer.scratch().capacity(), 0u);
}

TEST(logger, text_of_peers_is_made_printable_and_cut) {
  EXPECT_EQ(printable("a\nb\x7f\x1b[0m"), "a?b??[0m");
  EXPECT_EQ(printable("h\xc3\xa9"), "h\xc3\xa9");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

}  // namespace
