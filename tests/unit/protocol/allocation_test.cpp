// A small call costs no allocation in this layer: parsing, binding short values, writing.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "hubbub/protocol/fields.hpp"
#include "vectors.hpp"

namespace {

std::atomic<std::int64_t> allocations = 0;

}  // namespace

// Not inlined: the compiler would warn of a free() that meets no malloc().
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* room = std::malloc(size)) return room;
  throw std::bad_alloc();
}
// All forms that give memory to the plain delete: under the address sanitizer one that is missing here would be the
// sanitizer's, whose memory our delete may not free.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* room, const std::nothrow_t&) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete(void* room) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete(void* room, std::size_t) noexcept { std::free(room); }

namespace app {

struct said {
  std::string text;
  int stars = 0;
};
HUBBUB_FIELDS(said, text, stars)

}  // namespace app

namespace hubbub::test {
namespace {

TEST(allocation, a_small_call_allocates_nothing) {
  const std::string_view wire =
      "{\"arguments\":[\"lobby\",{\"text\":\"hello "
      "\\u0041\",\"stars\":3}],\"invocationId\":\"17\",\"target\":\"Say\",\"type\":1}\x1e";
  const hub_protocol& protocol = json_hub_protocol();
  hub_message message;
  wire_buffer out;
  out.room(1024);
  std::string room;
  app::said said;
  bool bound_all = false;

  const std::int64_t before = allocations;
  std::size_t scanned = 0;
  const message_cut cut = protocol.cut(wire, scanned, 32768);
  const parse_status status = protocol.parse(wire.substr(cut.begin, cut.size), message);
  protocol.with_reader(message.value, [&](value_reader& reader) {
    bound_all = reader.enter_array() && reader.next_element() && read_value(reader, room) && reader.next_element() &&
                read_value(reader, said) && !reader.next_element() && reader.ok();
  });
  protocol.write_completion(out, message.invocation_id, [&](value_writer& writer) { write_value(writer, said); });
  const std::int64_t after = allocations;

  EXPECT_EQ(status, parse_status::message);
  EXPECT_TRUE(bound_all);
  EXPECT_EQ(out.view(), "{\"type\":3,\"invocationId\":\"17\",\"result\":{\"text\":\"hello A\",\"stars\":3}}\x1e");
  EXPECT_EQ(after - before, 0);
}

}  // namespace
}  // namespace hubbub::test
