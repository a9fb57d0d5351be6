// The window of what was sent: numbers, Acks of every kind, and what stays for another transport. Frames that were not
// given back are found by the address sanitizer.
#include "hubbub/connection/sent_window.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace hubbub;

class windows : public testing::Test {
 protected:
  void send(const std::string& text) {
    frame* const made = frame::make(transfer_format::text, text);
    kept.keep(made, made->payload().size());
  }
  void send(int count) {
    for (int i = 0; i < count; ++i) send("0123456789");
  }
  // What would leave again, in its order.
  std::vector<std::string> rewound() {
    std::vector<std::string> texts;
    kept.rewind([&](frame* again, std::size_t) {
      texts.insert(texts.begin(), std::string(again->payload()));
      again->release();
    });
    return texts;
  }
  // As the outbox does: it leaves again.
  void send_again() {
    std::vector<frame*> all;
    kept.rewind([&](frame* again, std::size_t) { all.insert(all.begin(), again); });
    for (frame* one : all) kept.keep(one, one->payload().size());
  }
  sent_window kept{100};
};

TEST_F(windows, begin_with_number_one) {
  EXPECT_EQ(kept.first(), 1);
  EXPECT_EQ(kept.count(), 0u);
  EXPECT_TRUE(kept.open());
}

TEST_F(windows, keep_messages_until_they_are_acknowledged) {
  send("a");
  send("b");
  send("c");

  kept.acknowledge(2);

  EXPECT_EQ(kept.first(), 3);
  EXPECT_EQ(rewound(), (std::vector<std::string>{"c"}));
}

TEST_F(windows, of_which_nothing_is_unacknowledged_announce_the_next_number) {
  send(3);

  kept.acknowledge(3);

  EXPECT_EQ(kept.first(), 4);
  EXPECT_EQ(kept.bytes(), 0u);
  EXPECT_TRUE(rewound().empty());
  EXPECT_EQ(kept.first(), 4);
}

TEST_F(windows, take_acks_of_what_was_never_sent_for_acks_of_what_was) {
  send(3);

  kept.acknowledge(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(kept.first(), 4);
  send("not acknowledged by that");

  EXPECT_EQ(kept.count(), 1u);
  kept.acknowledge(3);
  kept.acknowledge(0);
  kept.acknowledge(-5);
  kept.acknowledge(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(kept.first(), 4);
  EXPECT_EQ(kept.count(), 1u);
}

TEST_F(windows, close_at_their_limit_and_open_with_an_ack) {
  send(9);
  EXPECT_TRUE(kept.open());
  EXPECT_TRUE(kept.open(9));
  EXPECT_FALSE(kept.open(10)) << "with what is about to leave it is full";
  send(1);
  EXPECT_FALSE(kept.open());

  kept.acknowledge(1);

  EXPECT_TRUE(kept.open());
}

TEST_F(windows, let_a_message_larger_than_themselves_pass_alone) {
  send(std::string(500, 'x'));
  EXPECT_FALSE(kept.open());
  kept.acknowledge(1);
  EXPECT_TRUE(kept.open());
}

TEST_F(windows, that_are_lifted_let_so_much_more_pass) {
  send(10);
  EXPECT_FALSE(kept.open());

  kept.lift(50);
  EXPECT_TRUE(kept.open());
  send(5);
  EXPECT_FALSE(kept.open());

  kept.lift(0);
  kept.acknowledge(6);
  EXPECT_TRUE(kept.open());
}

// Otherwise the client, which counts from the Sequence, would be told a number that it has not reached yet.
TEST_F(windows, give_nothing_away_for_an_ack_that_may_be_older_than_the_transport) {
  send("a");
  send("b");
  send_again();

  kept.acknowledge(2);

  EXPECT_EQ(kept.first(), 1);
  EXPECT_EQ(kept.count(), 2u);
  send("c");
  kept.acknowledge(2);
  EXPECT_EQ(kept.first(), 1);
  kept.acknowledge(3);
  EXPECT_EQ(kept.first(), 4) << "this one was seen over the new transport, and with it all before";
}

TEST_F(windows, do_not_close_for_what_leaves_again) {
  send(10);
  EXPECT_FALSE(kept.open());

  send_again();

  EXPECT_TRUE(kept.open()) << "a client that does not acknowledge twice must not stop what is new";
  send(10);
  EXPECT_FALSE(kept.open());
}

TEST_F(windows, know_how_much_is_to_leave_again) {
  send(4);
  std::vector<frame*> all;
  kept.rewind([&](frame* again, std::size_t) { all.insert(all.begin(), again); });
  EXPECT_EQ(kept.again_bytes(), 40u);

  kept.keep(all[0], 10);
  kept.keep(all[1], 10);
  EXPECT_EQ(kept.again_bytes(), 20u);
  std::vector<frame*> once_more;
  kept.rewind([&](frame* again, std::size_t) { once_more.insert(once_more.begin(), again); });

  EXPECT_EQ(kept.again_bytes(), 40u);
  for (frame* one : once_more) kept.keep(one, 10);
  kept.keep(all[2], 10);
  kept.keep(all[3], 10);
  EXPECT_EQ(kept.again_bytes(), 0u);
  EXPECT_EQ(kept.first(), 1);
}

TEST_F(windows, stay_bounded_whatever_a_client_does) {
  std::size_t most = 0;
  for (int transport = 0; transport < 50; ++transport) {
    while (kept.open()) send(1);
    most = std::max(most, kept.bytes());
    // It acknowledges everything, but always over the transport that comes next.
    send_again();
    kept.acknowledge(std::numeric_limits<std::int64_t>::max());
  }
  EXPECT_LE(most, 2 * 100 + 10u);

  sent_window silent(100);
  for (int transport = 0; transport < 50; ++transport) {
    while (silent.open()) silent.keep(frame::make(transfer_format::text, "0123456789"), 10);
    std::vector<frame*> all;
    silent.rewind([&](frame* again, std::size_t) { all.insert(all.begin(), again); });
    for (frame* one : all) silent.keep(one, 10);
  }
  EXPECT_LE(silent.bytes(), 2 * 100 + 10u) << "of one that never acknowledges anything";
}

}  // namespace
