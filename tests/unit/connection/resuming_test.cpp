// Stateful reconnect at the connection: one queue over several transports, in its order, whole messages only.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "hubbub/connection/connection.hpp"
#include "support/shards.hpp"

namespace {

using namespace hubbub;

struct plain_link final : link {
  void wake() override { ++wakes; }
  void flush_now() override {}
  void finish(ending) override { told += "finish "; }
  void drop() override { told += "drop "; }
  void pause_reading() override { told += "pause "; }
  void resume_reading() override { told += "read "; }
  void give_up() override { told += "give up "; }
  int wakes = 0;
  std::string told;
};

// As the hub does it: a Sequence in front.
struct announcing_receiver final : connection_receiver {
  explicit announcing_receiver(connection& carried) : of(carried) {}
  void on_bytes(bytes_view) override {}
  void on_closed(close_reason) override { told += "closed "; }
  void on_removed() override {}
  void on_outbox_full() override { told += "full "; }
  void on_drained() override {}
  void on_resumed() override {
    of.send_ahead(frame::make(transfer_format::text, "<" + std::to_string(of.first_unacknowledged()) + ">"));
  }
  connection& of;
  std::string told;
};

class resuming : public testing::Test {
 protected:
  resuming() {
    who->set_receiver(&receiver);
    who->attach(first, rendering::payload);
    who->set_stateful(true);
  }
  void begin(std::size_t window = 1000) {
    who->send_copy("{}", true);  // the answer to the handshake has no number
    who->keep_sent(window);
    EXPECT_EQ(take(), "{}");
  }
  std::string take(std::size_t most = SIZE_MAX, std::size_t composed = 1) {
    std::string taken;
    while (taken.size() < most) {
      const bytes_view next = who->waiting().next_write(shop, composed, false).substr(0, most - taken.size());
      if (next.empty()) break;
      taken += next;
      who->waiting().consume(next.size(), shop);
    }
    shop.settle();
    who->taken();
    return taken;
  }
  void ping() { who->send_ahead(frame::make(transfer_format::text, "ping")); }

  hubbub_test::hand_shard on;
  connection_limits limits{.outbox = 500, .high_water = 100, .low_water = 50};
  plain_link first;
  plain_link second;
  send_workshop shop{on.home.buffer()};
  connection_ref who{new connection(on.home, limits)};
  announcing_receiver receiver{*who};
};

TEST_F(resuming, is_possible_from_the_handshake_to_the_goodbye) {
  EXPECT_FALSE(who->resumable());
  begin();
  EXPECT_TRUE(who->resumable());

  who->send_copy("goodbye");
  who->seal();

  EXPECT_FALSE(who->resumable());
  EXPECT_EQ(take(), "goodbye");
}

TEST_F(resuming, sends_again_what_was_not_acknowledged) {
  begin();
  for (const char* text : {"a", "b", "c", "d"}) who->send_copy(text);
  EXPECT_EQ(take(), "abcd");
  who->send_copy("e");
  who->acknowledged(2);
  who->interrupt(first);
  EXPECT_TRUE(who->interrupted());

  who->resume(second, "answer ");

  EXPECT_FALSE(who->interrupted());
  EXPECT_EQ(first.told, "give up ");
  EXPECT_EQ(take(), "answer <3>cde");
  EXPECT_TRUE(who->waiting().empty());
}

TEST_F(resuming, begins_a_message_anew_of_which_a_part_had_left) {
  begin();
  who->send_copy("whole");
  who->send_copy("broken");
  who->send_copy("last");
  EXPECT_EQ(take(8), "wholebro");

  who->resume(second, "");

  EXPECT_EQ(take(), "<1>wholebrokenlast");
}

TEST_F(resuming, numbers_no_pings_and_lets_them_pass) {
  begin(10);
  who->send_copy("0123456789");
  who->send_copy("behind the window");
  EXPECT_EQ(take(), "0123456789");
  const int before = first.wakes;

  ping();

  EXPECT_GT(first.wakes, before) << "the link sleeps behind a full window";
  EXPECT_EQ(take(), "ping");
  EXPECT_EQ(who->first_unacknowledged(), 1);
  who->acknowledged(1);
  EXPECT_EQ(take(), "behind the window");
  EXPECT_EQ(who->first_unacknowledged(), 2);
}

TEST_F(resuming, puts_a_ping_behind_the_message_that_is_under_way) {
  begin();
  who->send_copy("first");
  who->send_copy("second");
  EXPECT_EQ(take(2), "fi");

  ping();

  EXPECT_EQ(take(), "rstpingsecond");
}

// Where many are to be flushed a turn ends before the answers have left.
TEST_F(resuming, lets_no_ping_pass_the_answer_to_an_upgrade_and_the_sequence) {
  begin();
  who->send_copy("a");
  EXPECT_EQ(take(), "a");
  who->send_copy("b");

  who->resume(second, "answer ");
  ping();
  ping();

  EXPECT_EQ(take(3), "ans");
  ping();
  EXPECT_EQ(take(), "wer <1>pingpingpingab");
  EXPECT_EQ(who->first_unacknowledged(), 1);
  who->acknowledged(2);
  EXPECT_EQ(who->first_unacknowledged(), 3);
}

TEST_F(resuming, lets_no_ping_pass_the_answer_to_a_handshake) {
  who->send_copy("{}", true);
  who->keep_sent(1000);
  ping();
  EXPECT_EQ(take(), "{}ping");
}

TEST_F(resuming, keeps_pings_and_messages_in_their_order_wherever_the_queue_lies) {
  std::mt19937 random(11);
  begin(SIZE_MAX / 4);
  int pings = 0;
  int messages = 0;
  int seen_pings = 0;
  int seen_messages = 0;
  std::string unread;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 3 == 0) {
      who->send_ahead(frame::make(transfer_format::text, "p" + std::to_string(pings++) + ";"));
    } else if (random() % 2 == 0) {
      who->send_copy("m" + std::to_string(messages++) + ";");
    } else {
      unread += take(random() % 40, 1 + random() % 60);
    }
    if (who->waiting_bytes() > 300) unread += take();
    for (std::size_t end = 0; (end = unread.find(';')) != std::string::npos; unread.erase(0, end + 1)) {
      int& expected = unread[0] == 'p' ? seen_pings : seen_messages;
      ASSERT_EQ(std::stoi(unread.substr(1)), expected++) << unread;
    }
  }
  EXPECT_GT(seen_pings, 1000);
  EXPECT_GT(seen_messages, 1000);
}

TEST_F(resuming, drops_pings_of_the_former_transport) {
  begin();
  ping();
  who->send_copy("a");

  who->resume(second, "");

  EXPECT_EQ(take(), "<1>a");
  who->interrupt(second);
  ping();
  who->resume(first, "");
  EXPECT_EQ(take(), "<1>a");
}

TEST_F(resuming, heaps_up_no_pings_for_a_client_that_takes_nothing) {
  begin();
  for (int i = 0; i < 10'000; ++i) ping();
  EXPECT_LE(who->waiting_bytes(), limits.outbox + 4);
  EXPECT_EQ(receiver.told, "");

  EXPECT_LE(take().size(), limits.outbox + 4);
  ping();
  EXPECT_EQ(take(), "ping");
}

// A message may be larger than the limit when it is alone, and the answer to the upgrade comes on top of a full outbox.
TEST_F(resuming, announces_what_comes_however_much_waits) {
  begin();
  who->interrupt(first);
  const std::string large(2 * limits.outbox, 'x');
  ASSERT_TRUE(who->send_copy(large));

  who->resume(second, "answer ");
  EXPECT_EQ(take(), "answer <1>" + large);

  who->acknowledged(1);
  who->interrupt(second);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(who->send_copy("0123456789"));
  who->resume(first, "answer ");
  EXPECT_EQ(take().substr(0, 20), "answer <2>0123456789");
  EXPECT_EQ(receiver.told, "");
}

TEST_F(resuming, a_full_window_stops_what_leaves_and_not_what_is_queued) {
  begin(10);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(who->send_copy("0123456789"));
  EXPECT_EQ(take(), "0123456789");
  EXPECT_EQ(take(), "");
  EXPECT_EQ(who->waiting_bytes(), 90u);

  const int before = first.wakes;
  who->acknowledged(1);

  EXPECT_GT(first.wakes, before);
  EXPECT_EQ(take(SIZE_MAX, 1000), "0123456789");
}

TEST_F(resuming, is_over_when_the_outbox_overflows_while_nobody_is_there) {
  begin();
  who->interrupt(first);
  int queued = 0;
  while (who->send_copy("0123456789")) ++queued;

  EXPECT_EQ(queued, 50);
  EXPECT_EQ(receiver.told, "full ");
  EXPECT_FALSE(who->resumable());
}

TEST_F(resuming, lets_what_leaves_again_not_count_as_an_overflow) {
  begin(200);
  for (int i = 0; i < 20; ++i) who->send_copy("0123456789");
  EXPECT_EQ(take().size(), 200u);
  who->interrupt(first);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(who->send_copy("0123456789"));

  who->resume(second, "");

  ping();
  EXPECT_EQ(receiver.told, "");
  EXPECT_FALSE(who->send_copy("0123456789")) << "the outbox was full already";
  EXPECT_EQ(receiver.told, "full ");
}

TEST_F(resuming, lets_more_pass_while_no_acks_are_read) {
  begin(10);
  for (int i = 0; i < 10; ++i) who->send_copy("0123456789");
  EXPECT_EQ(take(), "0123456789");

  who->pause_input();

  EXPECT_EQ(take().size(), 90u);
}

TEST_F(resuming, keeps_nothing_for_connections_that_did_not_agree) {
  who->send_copy("a");
  EXPECT_EQ(take(), "a");
  who->acknowledged(1);
  EXPECT_EQ(who->waiting().window(), nullptr);
  EXPECT_FALSE(who->resumable());
}

TEST_F(resuming, gives_everything_back_when_it_ends) {
  begin();
  who->send_copy("sent");
  take();
  who->send_copy("queued");

  who->ended({close_cause::client_left, {}});

  EXPECT_TRUE(who->waiting().empty());
  EXPECT_EQ(receiver.told, "closed ");
}

// A client that counts as the JavaScript client does, and transports that are cut at every possible byte.
TEST_F(resuming, loses_and_doubles_nothing_wherever_it_is_cut) {
  std::mt19937 random(4711);
  begin(120);
  const auto number = [](int of) { return "[" + std::to_string(of) + "]"; };
  std::string expected;
  std::string got;
  std::string unread;
  std::int64_t next = 1;
  std::int64_t latest = 0;
  bool counts = true;
  int sent = 0;
  plain_link* links[] = {&second, &first};
  const auto read = [&] {
    for (std::size_t end = 0; (end = unread.find_first_of("]>")) != std::string::npos;) {
      const std::string one = unread.substr(0, end + 1);
      unread.erase(0, end + 1);
      if (one.front() == '<') {
        const std::int64_t first_number = std::stoll(one.substr(1));
        ASSERT_LE(first_number, next) << "the client would give up";
        next = first_number;
        counts = true;
      } else if (counts && next++ > latest) {
        ++latest;
        got += one;
      }
    }
  };
  for (int step = 0; step < 20'000; ++step) {
    switch (random() % 8) {
      case 0: who->acknowledged(static_cast<std::int64_t>(random() % static_cast<unsigned>(latest + 1))); break;
      case 1: who->acknowledged(latest); break;
      case 2:
        who->resume(*links[step % 2], "");
        unread.clear();
        counts = false;
        break;
      case 3:
        if (random() % 4 == 0) break;
        [[fallthrough]];
      case 4:
      case 5:
        unread += take(1 + random() % 40, 1 + random() % 100);
        read();
        break;
      default:
        if (!who->send_copy(number(sent))) break;
        expected += number(sent++);
        who->taken();
    }
    if (HasFatalFailure()) return;
    if (who->waiting_bytes() > 300) {
      unread += take();
      read();
      who->acknowledged(latest);
    }
  }
  for (int i = 0; i < 100; ++i) {
    unread += take();
    read();
    who->acknowledged(latest);
  }
  EXPECT_EQ(receiver.told, "");
  EXPECT_GT(sent, 1000);
  EXPECT_EQ(got, expected);
}

}  // namespace
