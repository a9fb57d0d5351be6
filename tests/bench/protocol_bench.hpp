// What the benchmarks of all hub protocols share. For one file of a program: it counts what `new` allocates.
#pragma once

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "allocation_counter.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "hubbub/protocol/value_codec.hpp"

// Not inlined: the compiler would warn of a free() that meets no malloc().
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* room = std::malloc(size)) return room;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* room) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete(void* room, std::size_t) noexcept { std::free(room); }

/// From received bytes to completion bytes, without the hub's own part (looking up and calling the method). `framed` is
/// a call with a text and a `Message`, whose `stars` count.
template <class Message>
void call_from_bytes_to_bytes(benchmark::State& state, const hubbub::hub_protocol& protocol, std::string_view framed) {
  using namespace hubbub;
  hub_message received;
  wire_buffer out;
  out.room(4096);
  const allocation_counter counter(state);
  for (auto _ : state) {
    out.clear();
    std::size_t scanned = 0;
    const message_cut found = protocol.cut(framed, scanned, 32768);
    if (protocol.parse(framed.substr(found.begin, found.size), received) != parse_status::message) std::abort();
    std::string room;
    Message said;
    protocol.with_reader(received.value, [&](value_reader& reader) {
      const bool bound = reader.enter_array() && reader.next_element() && read_value(reader, room) &&
                         reader.next_element() && read_value(reader, said) && !reader.next_element() && reader.ok();
      if (!bound) std::abort();
    });
    protocol.write_completion(out, received.invocation_id,
                              [&](value_writer& writer) { write_value(writer, said.stars + 1); });
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(framed.size()));
}
