// Memory that runs out while something leaves: it has left, and nothing may leave twice.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "hubbub/connection/connection.hpp"
#include "support/shards.hpp"

namespace {

thread_local bool no_memory = false;

}  // namespace

// Not inlined: the compiler would warn of a free() that meets no malloc().
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (no_memory) throw std::bad_alloc();
  if (void* room = std::malloc(size)) return room;
  throw std::bad_alloc();
}
// All forms that give memory to the plain delete, as the address sanitizer wants it.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return no_memory ? nullptr : std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* room, const std::nothrow_t&) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete(void* room) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete(void* room, std::size_t) noexcept { std::free(room); }

namespace {

using namespace hubbub;

TEST(without_memory, what_has_left_leaves_no_second_time_and_the_connection_cannot_be_resumed) {
  hubbub_test::hand_shard on;
  const connection_limits limits{.outbox = 500, .high_water = 100, .low_water = 50};
  send_workshop shop{on.home.buffer()};
  const connection_ref who{new connection(on.home, limits)};
  who->keep_sent(1000);
  who->send_copy("first");
  who->send_copy("second");
  const std::size_t both = who->waiting_bytes();
  ASSERT_TRUE(who->resumable());
  const std::size_t size = who->waiting().next_write(shop, 1, false).size();

  bool threw = false;
  no_memory = true;
  try {
    who->waiting().consume(size, shop);
  } catch (const std::bad_alloc&) {
    threw = true;
  }
  no_memory = false;

  EXPECT_FALSE(threw);
  EXPECT_TRUE(who->waiting().next_write(shop, 1, false).ends_with("second"));
  EXPECT_EQ(who->waiting_bytes(), both - size);
  EXPECT_FALSE(who->resumable());
}

}  // namespace
