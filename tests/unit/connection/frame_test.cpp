// Frames: the header in front, one payload for all, references counted from any thread.
#include "hubbub/connection/frame.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "hubbub/connection/frame_header.hpp"

namespace {

using namespace hubbub;

std::string header_of(std::size_t payload, transfer_format format = transfer_format::text) {
  const frame_ref made(frame::make(format, std::string(payload, 'x')));
  EXPECT_EQ(made->payload(), std::string(payload, 'x'));
  EXPECT_EQ(made->framed().substr(made->framed().size() - payload), made->payload());
  return std::string(made->framed().substr(0, made->framed().size() - payload));
}

TEST(frame, has_the_shortest_websocket_header_in_front) {
  using namespace std::string_literals;
  EXPECT_EQ(header_of(0), "\x81\x00"s);
  EXPECT_EQ(header_of(1, transfer_format::binary), "\x82\x01"s);
  EXPECT_EQ(header_of(125), "\x81\x7d"s);
  EXPECT_EQ(header_of(126), "\x81\x7e\x00\x7e"s);
  EXPECT_EQ(header_of(65535), "\x81\x7e\xff\xff"s);
  EXPECT_EQ(header_of(65536), "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(frame, header_sizes_agree_with_what_is_written) {
  for (const std::uint64_t size : {0ull, 1ull, 125ull, 126ull, 127ull, 65535ull, 65536ull, 1ull << 40}) {
    char room[max_frame_header];
    EXPECT_EQ(write_frame_header(room, frame_opcode::binary, size), frame_header_size(size)) << size;
  }
}

TEST(frame, references_may_be_taken_and_given_back_in_bulk) {
  frame* made = frame::make(transfer_format::text, "shared");
  made->acquire(10);
  made->release(9);
  const frame_ref handle(made);
  made->release();
  const frame_ref copy = handle;

  EXPECT_EQ(copy->payload(), "shared");
}

TEST(frame, handles_copy_move_and_assign) {
  frame_ref first(frame::make(transfer_format::text, "one"));
  frame_ref second = first;
  frame_ref none;
  EXPECT_FALSE(none);
  none = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that is the promise
  second = frame_ref(frame::make(transfer_format::text, "two"));

  EXPECT_EQ(none->payload(), "one");
  EXPECT_EQ(second->payload(), "two");
}

TEST(frame, threads_share_it) {
  const frame_ref made(frame::make(transfer_format::text, "shared"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([made] {
      for (int j = 0; j < 1000; ++j) {
        const frame_ref copy = made;
        ASSERT_EQ(copy->payload(), "shared");
      }
    });
  }
  for (std::thread& one : threads) one.join();
}

}  // namespace
