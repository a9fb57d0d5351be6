// Outboxes: order and bytes whatever is written at a time, merging, composing once for many, references given back.
// Frames and blocks that were not given back are found by the address sanitizer.
#include "hubbub/connection/outbox.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace hubbub;

class outboxes : public testing::Test {
 protected:
  ~outboxes() override {
    out.clear(buffer);
    other.clear(buffer);
  }
  void push_frame(outbox& to, std::string_view payload, bool framed = false) {
    to.push(outbox_entry(frame::make(transfer_format::text, payload), framed, false));
  }
  void push_small(outbox& to, std::string_view text, bool boundary = false) {
    to.push_slice(buffer.store("", text), boundary, buffer);
  }
  // Sends everything, at most `at_once` bytes of each piece; the pieces as they were offered.
  std::vector<std::string> drain(outbox& from, std::size_t most, std::size_t at_once = SIZE_MAX,
                                 bool stop_at_boundary = false) {
    std::vector<std::string> pieces;
    while (!from.empty()) {
      const bytes_view next = from.next_write(shop, most, stop_at_boundary);
      pieces.emplace_back(next.substr(0, at_once));
      from.consume(pieces.back().size(), shop);
    }
    return pieces;
  }
  static std::string joined(const std::vector<std::string>& pieces) {
    std::string all;
    for (const std::string& one : pieces) all += one;
    return all;
  }

  turn_buffer buffer;
  send_workshop shop{buffer};
  outbox out;
  outbox other;
};

TEST_F(outboxes, an_empty_one_offers_nothing) {
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(out.next_write(shop, 1000, false), "");
  EXPECT_EQ(out.rest_of_front(), 0u);
  out.clear(buffer);
  out.settle(buffer);
}

// Every idle connection has one.
TEST_F(outboxes, are_small) { EXPECT_LE(sizeof(outbox), 48u); }

TEST_F(outboxes, a_single_frame_is_offered_without_copying) {
  frame_ref shared(frame::make(transfer_format::text, "payload"));
  shared->acquire();
  out.push(outbox_entry(shared.get(), true, false));

  const bytes_view next = out.next_write(shop, 1000, false);

  EXPECT_EQ(next, shared->framed());
  EXPECT_EQ(next.data(), shared->framed().data());
  EXPECT_EQ(out.size(), next.size());
  out.consume(next.size(), shop);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(out.size(), 0u);
}

TEST_F(outboxes, several_entries_go_out_in_one_piece_up_to_the_limit) {
  push_frame(out, "first ");
  push_small(out, "second ");
  push_frame(out, "third ");
  push_frame(out, std::string(50, 'x'));

  EXPECT_EQ(drain(out, 20), (std::vector<std::string>{"first second third ", std::string(50, 'x')}));
}

TEST_F(outboxes, an_entry_larger_than_the_limit_goes_alone) {
  push_frame(out, std::string(100, 'a'));
  push_frame(out, "b");
  push_frame(out, "c");

  EXPECT_EQ(drain(out, 10), (std::vector<std::string>{std::string(100, 'a'), "bc"}));
}

TEST_F(outboxes, a_write_may_end_at_every_byte) {
  const std::string expected = "first second third " + std::string(300, 'y') + "last";
  for (std::size_t at_once = 1; at_once <= expected.size() + 1; ++at_once) {
    for (const std::size_t most : {1u, 16u, 1000u}) {
      push_frame(out, "first ");
      push_small(out, "second ");
      push_small(out, "third ");
      push_frame(out, std::string(300, 'y'));
      push_small(out, "last");
      ASSERT_EQ(out.size(), expected.size());

      ASSERT_EQ(joined(drain(out, most, at_once)), expected) << at_once << " bytes at once, most " << most;
      ASSERT_EQ(out.size(), 0u);
    }
  }
}

TEST_F(outboxes, the_rest_of_an_entry_that_was_begun_is_known) {
  push_frame(out, "0123456789", true);
  push_frame(out, "next");

  out.consume(5, shop);

  EXPECT_TRUE(out.inside_entry());
  EXPECT_EQ(out.rest_of_front(), 7u);
  EXPECT_EQ(out.next_write(shop, 1000, false), "3456789");
  out.consume(7, shop);
  EXPECT_FALSE(out.inside_entry());
  EXPECT_EQ(out.rest_of_front(), 0u);
}

TEST_F(outboxes, small_messages_that_lie_behind_one_another_become_one_entry) {
  push_small(out, "a");
  push_small(out, "b");
  push_small(other, "between");
  push_small(out, "c");

  EXPECT_EQ(out.entries(), 2u);
  EXPECT_EQ(out.size(), 3u);
  EXPECT_EQ(joined(drain(out, 100)), "abc");
  EXPECT_EQ(joined(drain(other, 100)), "between");
}

TEST_F(outboxes, an_entry_that_is_being_sent_may_still_be_extended) {
  push_small(out, "begin");
  out.consume(3, shop);
  push_small(out, "-end");

  EXPECT_EQ(out.entries(), 1u);
  EXPECT_EQ(joined(drain(out, 100)), "in-end");
}

TEST_F(outboxes, a_boundary_keeps_its_entry_the_last_of_its_message) {
  push_small(out, "{}", true);
  push_small(out, "after");
  EXPECT_EQ(out.entries(), 2u);
  EXPECT_EQ(drain(out, 100, SIZE_MAX, true), (std::vector<std::string>{"{}", "after"}));

  push_frame(out, "before ");
  push_small(out, "{}", true);
  push_small(out, "after");
  EXPECT_EQ(drain(out, 100, SIZE_MAX, true), (std::vector<std::string>{"before {}", "after"}));

  push_small(out, "{}", true);
  push_small(out, "after");
  EXPECT_EQ(drain(out, 100, SIZE_MAX, false), (std::vector<std::string>{"{}after"}));
}

TEST_F(outboxes, a_batch_is_whole_entries_and_stays_until_it_is_consumed) {
  push_small(out, "{}", true);
  push_frame(out, "one");
  push_frame(out, "two");
  wire_buffer copied;

  EXPECT_EQ(out.batch_size(100), 2u);  // the boundary
  out.consume(2, shop);
  EXPECT_EQ(out.batch_size(5), 3u);
  EXPECT_EQ(out.batch_size(1), 3u);  // at least one
  EXPECT_EQ(out.batch_size(6), 6u);
  out.copy_batch(6, copied);

  EXPECT_EQ(copied.view(), "onetwo");
  EXPECT_EQ(joined(drain(out, 100)), "onetwo");
}

TEST_F(outboxes, what_joins_the_last_entry_of_a_batch_on_its_way_is_the_next_batch) {
  push_small(out, "one");
  const std::size_t on_its_way = out.batch_size(100);
  push_small(out, "two");
  ASSERT_EQ(out.entries(), 1u);
  out.consume(on_its_way, shop);
  wire_buffer copied;

  ASSERT_EQ(out.batch_size(100), 3u);
  out.copy_batch(3, copied);
  out.consume(3, shop);

  EXPECT_EQ(copied.view(), "two");
  EXPECT_TRUE(out.empty());
}

TEST_F(outboxes, what_a_broadcast_composes_is_composed_once) {
  const frame_ref one(frame::make(transfer_format::text, "one"));
  const frame_ref two(frame::make(transfer_format::text, "two"));
  for (outbox* to : {&out, &other}) {
    for (const frame_ref* shared : {&one, &two}) {
      (*shared)->acquire();
      to->push(outbox_entry(shared->get(), false, false));
    }
  }

  const bytes_view first = out.next_write(shop, 100, false);
  out.consume(first.size(), shop);
  const bytes_view second = other.next_write(shop, 100, false);

  EXPECT_EQ(second, "onetwo");
  EXPECT_EQ(first.data(), second.data());
  other.consume(second.size(), shop);
  shop.settle();
}

TEST_F(outboxes, what_was_composed_is_not_taken_for_something_else) {
  const frame_ref one(frame::make(transfer_format::text, "one"));
  const frame_ref two(frame::make(transfer_format::text, "two"));
  const auto push = [](outbox& to, const frame_ref& shared) {
    shared->acquire();
    to.push(outbox_entry(shared.get(), false, false));
  };
  push(out, one);
  push(out, two);
  push(other, two);
  push(other, one);

  EXPECT_EQ(joined(drain(out, 100)), "onetwo");
  EXPECT_EQ(joined(drain(other, 100)), "twoone");
}

TEST_F(outboxes, small_messages_of_one_connection_never_reach_another_one) {
  // Room of the turn buffer is used again as soon as its slices have left, even before the round of sends is settled.
  const frame_ref everyone(frame::make(transfer_format::text, "|for everyone"));
  const auto push_both = [&](outbox& to, std::string_view secret) {
    push_small(to, secret);
    everyone->acquire();
    to.push(outbox_entry(everyone.get(), false, false));
  };
  push_both(out, "secret of A");
  EXPECT_EQ(joined(drain(out, 100)), "secret of A|for everyone");

  push_both(other, "secret of B");

  EXPECT_EQ(joined(drain(other, 100)), "secret of B|for everyone");
}

TEST_F(outboxes, frames_that_died_do_not_lend_their_bytes_to_those_that_take_their_place) {
  // Every frame made here may get the room of one that was just given back.
  for (int round = 0; round < 2000; ++round) {
    const std::string first = std::to_string(100'000 + round);
    const std::string second = std::to_string(200'000 + round);
    push_frame(out, first);
    push_frame(out, second);
    const std::string offered(out.next_write(shop, 100, false));
    ASSERT_EQ(offered, first + second);
    out.clear(buffer);  // as when the connection ends in the middle of a round
  }
}

TEST_F(outboxes, settling_keeps_the_bytes_and_frees_the_shared_block) {
  push_small(out, "begin ", true);
  push_frame(out, "frame ");
  push_small(out, "end");
  out.consume(2, shop);

  out.settle(buffer);
  const auto reused = buffer.store("", "overwrites what nobody holds");

  EXPECT_EQ(reused.at, 0u);
  EXPECT_TRUE(out.inside_entry());
  EXPECT_EQ(drain(out, 100, SIZE_MAX, true), (std::vector<std::string>{"gin ", "frame end"}));
  buffer.release(reused.block);
}

TEST_F(outboxes, grow_far_beyond_the_first_ring_in_order) {
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    push_frame(out, std::to_string(i) + ",");
    expected += std::to_string(i) + ",";
    if (i % 3 == 0) {
      const std::string piece(out.next_write(shop, 1, false));
      ASSERT_EQ(expected.substr(0, piece.size()), piece);
      out.consume(piece.size(), shop);
      expected.erase(0, piece.size());
    }
  }
  EXPECT_EQ(out.entries(), 2000u);

  EXPECT_EQ(joined(drain(out, 100)), expected);
}

TEST_F(outboxes, clearing_gives_everything_back) {
  for (int i = 0; i < 50; ++i) {
    push_frame(out, "frame");
    push_small(out, "small");
    push_small(other, "x");
  }
  out.consume(3, shop);

  out.clear(buffer);

  EXPECT_TRUE(out.empty());
  EXPECT_EQ(out.size(), 0u);
  EXPECT_FALSE(out.inside_entry());
}

TEST_F(outboxes, random_pushes_and_writes_keep_every_byte_in_order) {
  std::mt19937 random(11);
  std::vector<frame_ref> shared;
  for (std::size_t i = 0; i < 8; ++i) {
    shared.emplace_back(frame::make(transfer_format::text, std::string(i * 40 + 1, static_cast<char>('A' + i))));
  }
  std::string expected;
  for (int step = 0; step < 4000; ++step) {
    switch (random() % 5) {
      case 0:
      case 1: {
        const frame_ref& one = shared[random() % shared.size()];
        one->acquire();
        out.push(outbox_entry(one.get(), true, false));
        expected += one->framed();
        break;
      }
      case 2: {
        const std::string text(random() % 200 + 1, static_cast<char>('a' + random() % 26));
        push_small(out, text, random() % 10 == 0);
        expected += text;
        break;
      }
      case 3:
        if (random() % 4 == 0) out.settle(buffer);
        if (random() % 4 == 0) shop.settle();
        break;
      default: {
        const bytes_view next = out.next_write(shop, random() % 1000, random() % 2 == 0);
        ASSERT_EQ(next, std::string_view(expected).substr(0, next.size()));
        const std::size_t written = next.empty() ? 0 : random() % (next.size() + 1);
        out.consume(written, shop);
        expected.erase(0, written);
      }
    }
    ASSERT_EQ(out.size(), expected.size());
  }
  EXPECT_EQ(joined(drain(out, 500)), expected);
}

}  // namespace
