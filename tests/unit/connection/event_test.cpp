// Messages as events of event streams (transports.md 7): their lines, their chunks, and one rendering for all shards.
#include <gtest/gtest.h>

#include <barrier>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "hubbub/connection/connection.hpp"
#include "hubbub/connection/event_stream.hpp"
#include "hubbub/connection/frame.hpp"
#include "support/shards.hpp"

namespace {

using namespace hubbub;

std::string event_of(std::string_view payload) {
  const frame_ref made(frame::make(transfer_format::text, payload));
  return std::string(made->event().payload());
}

std::string chunk_of(std::string_view payload) {
  const frame_ref made(frame::make(transfer_format::text, payload));
  return std::string(made->event().framed());
}

TEST(event, is_one_line_and_an_empty_one) { EXPECT_EQ(event_of("{}\x1e"), "data: {}\x1e\r\n\r\n"); }

TEST(event, of_nothing_is_an_empty_line_of_data) {
  EXPECT_EQ(event_of(""), "data: \r\n\r\n");
  EXPECT_EQ(chunk_of(""), "a\r\ndata: \r\n\r\n\r\n");
}

TEST(event, has_a_line_for_each_line_of_the_message) {
  EXPECT_EQ(event_of("a\nb"), "data: a\r\ndata: b\r\n\r\n");
  EXPECT_EQ(event_of("a\r\nb"), "data: a\r\ndata: b\r\n\r\n");
  EXPECT_EQ(event_of("\n"), "data: \r\ndata: \r\n\r\n");
  EXPECT_EQ(event_of("a\n\nb\n"), "data: a\r\ndata: \r\ndata: b\r\ndata: \r\n\r\n");
}

TEST(event, loses_one_carriage_return_in_front_of_a_line_feed_and_no_other) {
  EXPECT_EQ(event_of("a\r\r\nb"), "data: a\r\r\ndata: b\r\n\r\n");
  EXPECT_EQ(event_of("a\rb"), "data: a\rb\r\n\r\n");
  EXPECT_EQ(event_of("a\r"), "data: a\r\r\n\r\n");
}

TEST(event, of_a_broken_line_cannot_begin_another_event) {
  EXPECT_EQ(event_of("a\n\ndata: b"), "data: a\r\ndata: \r\ndata: data: b\r\n\r\n");
}

TEST(event, framed_is_a_chunk_whose_size_counts_the_event) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{5}, std::size_t{6}, std::size_t{245}, std::size_t{246},
                                 std::size_t{4085}, std::size_t{4086}, std::size_t{1} << 20}) {
    const std::string payload(size, 'x');
    char head[max_chunk_head];
    const std::string expected =
        std::string(head, write_chunk_head(head, size + 10)) + "data: " + payload + "\r\n\r\n\r\n";

    EXPECT_TRUE(chunk_of(payload) == expected) << size;
  }
}

TEST(event, sizes_of_chunks_are_hexadecimal) {
  const auto head_of = [](std::size_t size) {
    char room[max_chunk_head];
    return std::string(room, write_chunk_head(room, size));
  };
  EXPECT_EQ(head_of(9), "9\r\n");
  EXPECT_EQ(head_of(10), "a\r\n");
  EXPECT_EQ(head_of(255), "ff\r\n");
  EXPECT_EQ(head_of(256), "100\r\n");
  EXPECT_EQ(head_of(0xffffffff), "ffffffff\r\n");
}

TEST(event, of_many_lines_is_whole) {
  std::string payload;
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    payload += "line " + std::to_string(i) + (i % 2 == 0 ? "\n" : "\r\n");
    expected += "data: line " + std::to_string(i) + "\r\n";
  }

  EXPECT_TRUE(event_of(payload) == expected + "data: \r\n\r\n");
}

TEST(event, is_made_once) {
  const frame_ref message(frame::make(transfer_format::text, "once"));

  frame& first = message->event();

  EXPECT_EQ(&message->event(), &first);
  EXPECT_EQ(message->payload(), "once");
}

TEST(event, outlives_its_message_where_somebody_holds_it) {
  frame_ref message(frame::make(transfer_format::text, "held"));
  frame* const event = &message->event();
  event->acquire();
  const frame_ref held(event);

  message = frame_ref();

  EXPECT_EQ(held->payload(), "data: held\r\n\r\n");
}

// All of them ask at the same moment for an event that nobody has made yet, again and again.
TEST(event, is_the_same_for_threads_that_ask_at_once) {
  constexpr int threads = 4;
  constexpr int rounds = 2'000;
  std::vector<frame_ref> messages;
  for (int i = 0; i < rounds; ++i) messages.emplace_back(frame::make(transfer_format::text, std::to_string(i)));
  std::vector<std::vector<frame*>> seen(threads);
  std::barrier together(threads);
  std::vector<std::thread> asking;
  for (int t = 0; t < threads; ++t) {
    asking.emplace_back([&, t] {
      for (int i = 0; i < rounds; ++i) {
        together.arrive_and_wait();
        frame& event = messages[static_cast<std::size_t>(i)]->event();
        event.acquire();
        seen[static_cast<std::size_t>(t)].push_back(&event);
        EXPECT_EQ(event.payload(), "data: " + std::to_string(i) + "\r\n\r\n");
      }
    });
  }
  for (std::thread& one : asking) one.join();

  messages.clear();  // what threads hold stays
  for (std::size_t i = 0; i < rounds; ++i) {
    for (const std::vector<frame*>& one : seen) EXPECT_EQ(one[i], seen[0][i]) << i;
    EXPECT_EQ(seen[0][i]->framed().substr(0, 3), i < 10 ? "b\r\n" : i < 100 ? "c\r\n" : i < 1000 ? "d\r\n" : "e\r\n");
    seen[0][i]->release(threads);
  }
}

// ---------------------------------------------------------------------------------------------- connections

/// Carries nothing anywhere: what was queued stays.
struct still_link final : link {
  void wake() override {}
  void flush_now() override {}
  void finish(ending) override {}
  void drop() override {}
  void pause_reading() override {}
  void resume_reading() override {}
};

/// A connection of an event stream, and what it would write. Used on its shard.
struct stream_client {
  stream_client(shard& home, const connection_limits& limits, rendering as = rendering::event_chunk)
      : shop(home.buffer()), who(new connection(home, limits)) {
    who->attach(carrier, as);
  }
  stream_client(const stream_client&) = delete;
  stream_client& operator=(const stream_client&) = delete;
  std::string take() {
    std::string taken;
    while (!who->waiting().empty()) {
      const bytes_view next = who->waiting().next_write(shop, 1, false);
      taken += next;
      who->waiting().consume(next.size(), shop);
    }
    shop.settle();
    who->taken();
    return taken;
  }

  still_link carrier;
  send_workshop shop;
  connection_ref who;
};

class events_of_connections : public testing::TestWithParam<rendering> {
 protected:
  hubbub_test::hand_shard on;
  connection_limits limits;
  stream_client one{on.home, limits, GetParam()};
};

// Small messages of one recipient and frames of many take different ways to the same bytes.
TEST_P(events_of_connections, are_the_same_bytes_as_a_copy_and_as_a_frame) {
  const std::string payloads[] = {"",
                                  "x",
                                  "{}\x1e",
                                  "a\nb",
                                  "a\r\nb\n",
                                  std::string(5, 'y'),
                                  std::string(6, 'y'),
                                  std::string(246, 'z'),
                                  std::string(70'000, 'z'),
                                  std::string(3'000, '\n')};
  for (const std::string& payload : payloads) {
    const frame_ref message(frame::make(transfer_format::text, payload));
    const bytes_view expected = GetParam() == rendering::event ? message->event().payload() : message->event().framed();

    one.who->send(message);
    EXPECT_EQ(one.who->waiting_bytes(), expected.size());
    EXPECT_TRUE(one.take() == expected) << "as a frame, " << payload.size() << " bytes";
    one.who->send_copy(payload);
    EXPECT_EQ(one.who->waiting_bytes(), expected.size());
    EXPECT_TRUE(one.take() == expected) << "as a copy, " << payload.size() << " bytes";
  }
}

TEST_P(events_of_connections, keep_their_order_whatever_way_they_take) {
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    const std::string payload = std::to_string(i) + (i % 7 == 0 ? "\nmore" : "");
    const frame_ref message(frame::make(transfer_format::text, payload));
    expected += GetParam() == rendering::event ? message->event().payload() : message->event().framed();
    if (i % 3 == 0) {
      one.who->send(message);
    } else {
      one.who->send_copy(payload);
    }
  }

  EXPECT_EQ(one.take(), expected);
}

TEST_P(events_of_connections, are_given_back_with_what_was_never_sent) {
  one.who->send(frame_ref(frame::make(transfer_format::text, "never sent")));
  one.who->send_copy("never\nsent either");
  one.who->ended({close_cause::client_left, {}});

  EXPECT_TRUE(one.who->waiting().empty());
}

INSTANTIATE_TEST_SUITE_P(on, events_of_connections, testing::Values(rendering::event, rendering::event_chunk));

// A broadcast: each shard queues the same frame to event streams of its own, all at the same moment.
TEST(event, is_rendered_once_for_streams_on_several_shards) {
  constexpr std::size_t shard_count = 3;
  constexpr std::size_t clients_each = 4;
  constexpr std::size_t rounds = 500;
  const connection_limits limits;
  std::vector<frame_ref> messages;
  std::string expected;
  for (std::size_t i = 0; i < rounds; ++i) {
    messages.emplace_back(frame::make(transfer_format::text, "message " + std::to_string(i) + "\x1e"));
    expected += chunk_of(messages.back()->payload());
  }
  std::vector<std::unique_ptr<hubbub_test::shard_thread>> shards;
  std::vector<std::vector<std::unique_ptr<stream_client>>> clients(shard_count);
  for (unsigned s = 0; s < shard_count; ++s) {
    shards.push_back(std::make_unique<hubbub_test::shard_thread>(s));
    shards[s]->run([&] {
      for (std::size_t c = 0; c < clients_each; ++c) {
        clients[s].push_back(std::make_unique<stream_client>(shards[s]->home, limits));
      }
    });
  }

  std::barrier together(std::ptrdiff_t{shard_count});
  for (std::size_t s = 0; s < shard_count; ++s) {
    shards[s]->home.post([&, s] {
      for (const frame_ref& message : messages) {
        together.arrive_and_wait();
        for (const auto& one : clients[s]) one->who->send(message);
      }
    });
  }

  for (std::size_t s = 0; s < shard_count; ++s) {
    shards[s]->run([&, s] {
      for (const auto& one : clients[s]) EXPECT_TRUE(one->take() == expected) << "shard " << s;
      clients[s].clear();
    });
  }
}

}  // namespace
