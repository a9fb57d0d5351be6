// The connection between hub and transport: who is told what, when, and how often.
#include "hubbub/connection/connection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/shards.hpp"

namespace {

using namespace hubbub;

struct recording_link final : link {
  void wake() override { told.emplace_back("wake"); }
  void flush_now() override {
    told.emplace_back("flush_now");
    if (on_flush) on_flush();
  }
  void finish(ending how) override { told.emplace_back(how == ending::normal ? "finish" : "finish failed"); }
  void drop() override { told.emplace_back("drop"); }
  void pause_reading() override { told.emplace_back("pause"); }
  void resume_reading() override { told.emplace_back("resume"); }
  std::vector<std::string> told;
  std::function<void()> on_flush;
};

struct recording_receiver final : connection_receiver {
  void on_bytes(bytes_view received) override { told.emplace_back("bytes " + std::string(received)); }
  void on_closed(close_reason why) override { told.emplace_back("closed " + std::string(name_of(why.cause))); }
  void on_removed() override { told.emplace_back("removed"); }
  void on_outbox_full() override { told.emplace_back("full"); }
  void on_drained() override { told.emplace_back("drained"); }
  std::vector<std::string> told;
};

using words = std::vector<std::string>;

class connections : public testing::Test {
 protected:
  connections() {
    who->set_receiver(&receiver);
    who->attach(carrier, rendering::payload);
  }
  // Takes out up to `most` bytes as a transport would.
  std::string take(std::size_t most = SIZE_MAX) {
    std::string taken;
    while (!who->waiting().empty() && taken.size() < most) {
      const bytes_view next = who->waiting().next_write(shop, 1, false).substr(0, most - taken.size());
      taken += next;
      who->waiting().consume(next.size(), shop);
    }
    who->taken();
    return taken;
  }
  void send_frame(std::string_view payload) { who->send(frame_ref(frame::make(transfer_format::text, payload))); }

  hubbub_test::hand_shard on;
  connection_limits limits{.outbox = 1000, .high_water = 100, .low_water = 50};
  recording_link carrier;
  recording_receiver receiver;
  send_workshop shop{on.home.buffer()};
  connection_ref who{new connection(on.home, limits)};
};

TEST_F(connections, the_link_is_woken_once_until_it_has_emptied_the_outbox) {
  who->send_copy("one");
  send_frame("two");
  EXPECT_EQ(carrier.told, (words{"wake"}));
  EXPECT_EQ(take(2), "on");
  who->send_copy("three");
  EXPECT_EQ(carrier.told, (words{"wake"}));

  EXPECT_EQ(take(), "etwothree");
  send_frame("four");

  EXPECT_EQ(carrier.told, (words{"wake", "wake"}));
  EXPECT_EQ(who->waiting_bytes(), 4u);
}

TEST_F(connections, bytes_reach_the_receiver_until_there_is_none) {
  who->deliver("hello");
  who->set_receiver(nullptr);
  who->deliver("nobody hears");

  EXPECT_EQ(receiver.told, (words{"bytes hello"}));
}

TEST_F(connections, small_messages_are_framed_as_the_format_says_where_the_transport_frames) {
  who->attach(carrier, rendering::websocket);
  who->send_copy("ab");
  who->set_format(transfer_format::binary);
  who->send_copy("cd");
  send_frame("ef");

  EXPECT_EQ(take(),
            "\x81\x02"
            "ab\x82\x02"
            "cd\x81\x02"
            "ef");
}

TEST_F(connections, a_full_outbox_is_flushed_first) {
  carrier.on_flush = [this] { take(); };
  send_frame(std::string(990, 'x'));
  send_frame(std::string(20, 'y'));

  EXPECT_EQ(carrier.told, (words{"wake", "flush_now", "wake"}));
  EXPECT_TRUE(receiver.told.empty());
  EXPECT_EQ(take(), std::string(20, 'y'));
}

TEST_F(connections, an_overflow_is_told_once_and_nothing_is_queued_any_more) {
  send_frame(std::string(990, 'x'));
  send_frame(std::string(20, 'y'));
  send_frame("z");
  who->send_copy("z");

  EXPECT_EQ(carrier.told, (words{"wake", "flush_now"}));
  EXPECT_EQ(receiver.told, (words{"full"}));
  EXPECT_EQ(take(), std::string(990, 'x'));
  send_frame("still closed");
  EXPECT_EQ(take(), "");
}

TEST_F(connections, a_message_larger_than_the_limit_goes_out_when_nothing_else_waits) {
  send_frame(std::string(5000, 'x'));
  EXPECT_TRUE(receiver.told.empty());

  EXPECT_EQ(take().size(), 5000u);
}

TEST_F(connections, a_flush_that_makes_some_room_is_enough) {
  carrier.on_flush = [this] { take(500); };
  send_frame(std::string(990, 'x'));
  send_frame(std::string(400, 'y'));

  EXPECT_TRUE(receiver.told.empty());
  EXPECT_EQ(who->waiting_bytes(), 890u);
}

TEST_F(connections, congestion_begins_above_the_high_and_ends_below_the_low_water_mark) {
  send_frame(std::string(100, 'x'));
  EXPECT_FALSE(who->congested());
  send_frame("y");
  EXPECT_TRUE(who->congested());
  EXPECT_TRUE(who->congested());

  take(50);
  EXPECT_TRUE(receiver.told.empty());
  take(1);
  EXPECT_EQ(receiver.told, (words{"drained"}));
  take();
  EXPECT_EQ(receiver.told, (words{"drained"}));
}

TEST_F(connections, nobody_who_did_not_ask_is_told_of_draining) {
  send_frame(std::string(500, 'x'));
  take();

  EXPECT_TRUE(receiver.told.empty());
}

TEST_F(connections, finish_lets_the_outbox_leave_and_hears_nothing_more) {
  send_frame("last words");
  who->finish(ending::normal);
  who->finish(ending::failed);
  send_frame("too late");
  who->deliver("nobody hears");

  EXPECT_TRUE(who->finished());
  EXPECT_FALSE(who->congested());
  EXPECT_EQ(carrier.told, (words{"wake", "finish"}));
  EXPECT_EQ(take(), "last words");
  who->ended({close_cause::client_left, {}});
  EXPECT_TRUE(receiver.told.empty());
}

TEST_F(connections, finish_tells_the_link_how) {
  who->finish(ending::failed);

  EXPECT_EQ(carrier.told, (words{"finish failed"}));
}

TEST_F(connections, drop_ends_at_once_even_after_finish) {
  who->finish(ending::normal);
  who->drop();
  send_frame("too late");

  EXPECT_EQ(carrier.told, (words{"finish", "drop"}));
  EXPECT_TRUE(who->waiting().empty());
}

TEST_F(connections, a_sealed_one_sends_what_is_queued_and_takes_no_more) {
  send_frame("close");
  who->seal();
  send_frame("too late");

  EXPECT_FALSE(who->finished());
  EXPECT_EQ(take(), "close");
}

TEST_F(connections, the_transports_end_is_told_once_and_drops_what_waits) {
  send_frame("never sent");
  who->ended({close_cause::client_left, {}});
  who->ended({close_cause::client_left, {}});
  send_frame("too late");

  EXPECT_EQ(receiver.told, (words{"closed client_left"}));
  EXPECT_TRUE(who->finished());
  EXPECT_TRUE(who->waiting().empty());
  EXPECT_EQ(who->carrier(), nullptr);
}

TEST_F(connections, the_receiver_hears_that_the_client_wants_an_end_until_there_is_one) {
  who->removed();
  EXPECT_EQ(receiver.told, (words{"removed"}));
  EXPECT_FALSE(who->finished());
  EXPECT_TRUE(carrier.told.empty());

  who->finish(ending::normal);
  who->removed();

  EXPECT_EQ(receiver.told, (words{"removed"}));
}

TEST_F(connections, what_is_sent_between_two_transports_waits_for_the_second) {
  who->detach();
  who->send_copy("waits");
  EXPECT_TRUE(carrier.told.empty());

  who->attach(carrier, rendering::payload);

  EXPECT_EQ(carrier.told, (words{"wake"}));
  EXPECT_EQ(take(), "waits");
}

TEST_F(connections, input_is_paused_and_resumed_where_there_is_a_link) {
  who->pause_input();
  who->resume_input();
  who->detach();
  who->pause_input();
  who->resume_input();

  EXPECT_EQ(carrier.told, (words{"pause", "resume"}));
}

TEST_F(connections, the_last_reference_frees_it_with_all_that_waits) {
  send_frame("never sent");
  who->send_copy("never sent either");
  connection_ref second = who;
  connection_ref third;
  third = std::move(second);

  EXPECT_FALSE(second);  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_EQ(third.get(), who.get());
}

TEST(close_reason, an_error_is_everything_but_a_clean_end) {
  const auto is_error = [](close_cause cause, std::string text = {}) {
    return close_reason{cause, std::move(text)}.is_error();
  };
  EXPECT_FALSE(is_error(close_cause::client_left));
  EXPECT_FALSE(is_error(close_cause::client_left, "reset"));
  EXPECT_FALSE(is_error(close_cause::client_closed));
  EXPECT_TRUE(is_error(close_cause::client_closed, "the client's error"));
  EXPECT_FALSE(is_error(close_cause::aborted));
  EXPECT_FALSE(is_error(close_cause::server_stopping));
  EXPECT_TRUE(is_error(close_cause::protocol_error));
  EXPECT_TRUE(is_error(close_cause::message_too_large));
  EXPECT_TRUE(is_error(close_cause::client_timeout));
  EXPECT_TRUE(is_error(close_cause::outbox_full));
}

TEST(close_reason, every_cause_has_a_name_of_its_own) {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(close_cause::server_stopping); ++i) {
    names.emplace_back(name_of(static_cast<close_cause>(i)));
    EXPECT_NE(names.back(), "unknown");
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(principal, claims_are_found_by_name_and_value) {
  const principal who({{"sub", "u1"}, {"role", "editor"}, {"role", "admin"}});

  EXPECT_EQ(who.find("sub"), "u1");
  EXPECT_EQ(who.find("role"), "editor");
  EXPECT_FALSE(who.find("Sub").has_value());
  EXPECT_TRUE(who.in_role("admin"));
  EXPECT_FALSE(who.in_role("Admin"));
  EXPECT_TRUE(who.has("sub", "u1"));
  EXPECT_EQ(who.claims().size(), 3u);
  EXPECT_FALSE(who.expires_at().has_value());
}

}  // namespace
