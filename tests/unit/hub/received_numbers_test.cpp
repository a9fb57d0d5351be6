// Which messages of a client are new, which come again, and when an Ack is due (hub-protocol.md 10).
#include "hub/received_numbers.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace {

using hubbub::received_numbers;

// Takes so many messages; how many of them were new.
int taken(received_numbers& numbers, int count, std::size_t size = 10) {
  int fresh = 0;
  for (int i = 0; i < count; ++i) fresh += numbers.take(size) ? 1 : 0;
  return fresh;
}

TEST(received_numbers, let_every_message_in_once) {
  received_numbers numbers;
  EXPECT_EQ(taken(numbers, 5), 5);

  numbers.resumed();
  ASSERT_TRUE(numbers.restart(3));

  EXPECT_EQ(taken(numbers, 3), 0) << "3, 4 and 5 were there";
  EXPECT_EQ(taken(numbers, 2), 2) << "6 and 7";
}

TEST(received_numbers, are_acknowledged_when_there_is_something_new) {
  received_numbers numbers;
  EXPECT_EQ(numbers.next_ack(), std::nullopt);
  taken(numbers, 2);

  EXPECT_EQ(numbers.next_ack(), 2);
  EXPECT_EQ(numbers.next_ack(), std::nullopt);

  taken(numbers, 1);
  EXPECT_EQ(numbers.next_ack(), 3);
}

TEST(received_numbers, are_acknowledged_again_when_the_client_did_not_see_it) {
  received_numbers numbers;
  taken(numbers, 2);
  EXPECT_EQ(numbers.next_ack(), 2);
  numbers.resumed();
  ASSERT_TRUE(numbers.restart(1));
  EXPECT_EQ(numbers.next_ack(), std::nullopt) << "nothing has come again yet";

  EXPECT_EQ(taken(numbers, 2), 0);

  EXPECT_EQ(numbers.next_ack(), 2);
  EXPECT_EQ(numbers.next_ack(), std::nullopt);
}

TEST(received_numbers, drop_what_comes_before_the_sequence_of_a_new_transport) {
  received_numbers numbers;
  taken(numbers, 2);
  numbers.resumed();

  EXPECT_EQ(taken(numbers, 3), 0);
  ASSERT_TRUE(numbers.restart(3));

  EXPECT_EQ(taken(numbers, 3), 3);
  EXPECT_EQ(numbers.next_ack(), 5);
}

TEST(received_numbers, cannot_go_on_over_a_gap) {
  received_numbers numbers;
  taken(numbers, 2);

  EXPECT_FALSE(numbers.restart(4)) << "3 is lost";
  EXPECT_FALSE(numbers.restart(std::numeric_limits<std::int64_t>::max()));
  EXPECT_FALSE(numbers.restart(0));
  EXPECT_FALSE(numbers.restart(-1));
  EXPECT_FALSE(numbers.restart(std::numeric_limits<std::int64_t>::min()));

  EXPECT_TRUE(numbers.restart(3));
}

// An Ack of ours reached the client while it was sending again; then its transport was cut once more. It has dropped
// what was acknowledged, and begins behind it.
TEST(received_numbers, may_go_on_behind_what_was_sent_again) {
  received_numbers numbers;
  taken(numbers, 10);
  numbers.resumed();
  ASSERT_TRUE(numbers.restart(5));
  taken(numbers, 2);
  numbers.resumed();

  EXPECT_TRUE(numbers.restart(11));

  EXPECT_EQ(taken(numbers, 1), 1);
}

TEST(received_numbers, whose_ack_did_not_leave_are_acknowledged_again) {
  received_numbers numbers;
  taken(numbers, 2);
  EXPECT_EQ(numbers.next_ack(), 2);

  numbers.ack_lost();

  EXPECT_EQ(numbers.next_ack(), 2);
  EXPECT_EQ(numbers.next_ack(), std::nullopt);
}

TEST(received_numbers, can_be_given_back) {
  received_numbers numbers;
  taken(numbers, 2);
  ASSERT_TRUE(numbers.take(10));

  numbers.give_back(10);

  EXPECT_EQ(numbers.next_ack(), 2) << "what waits for its turn is not acknowledged";
  EXPECT_TRUE(numbers.take(10)) << "and is new when it is read again";
  EXPECT_EQ(numbers.next_ack(), 3);
}

TEST(received_numbers, press_for_an_ack_when_much_has_come) {
  received_numbers numbers;
  EXPECT_EQ(taken(numbers, 31, 1024), 31);
  EXPECT_FALSE(numbers.presses());
  taken(numbers, 1, 1024);
  EXPECT_TRUE(numbers.presses());

  EXPECT_EQ(numbers.next_ack(), 32);

  EXPECT_FALSE(numbers.presses());
}

}  // namespace
