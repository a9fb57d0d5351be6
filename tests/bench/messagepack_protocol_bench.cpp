// What the MessagePack hub protocol costs, and beside it JSON for a record of 62 members. The hub's own part of a call
// is in hub_call_bench.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#if __has_include(<msgpack.hpp>)
#include <msgpack.hpp>
#endif

#include "hubbub/protocol/fields.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "hubbub/protocol/value_codec.hpp"
#include "protocol_bench.hpp"
#include "wide_record.hpp"

namespace {

using namespace hubbub;

struct message {
  std::string text;
  int stars = 0;
};
HUBBUB_FIELDS(message, text, stars)

// A message of the client's, whole with its length.
template <class... Arguments>
std::string call_of(std::string_view target, const Arguments&... arguments) {
  wire_buffer out;
  messagepack_hub_protocol().write_invocation(out, "17", target, sizeof...(arguments),
                                              [&](value_writer& writer) { (write_value(writer, arguments), ...); });
  return std::string(out.view());
}

std::string_view without_length(std::string_view framed) {
  std::size_t scanned = 0;
  const message_cut found = messagepack_hub_protocol().cut(framed, scanned, 0);
  return framed.substr(found.begin, found.size);
}

const std::string& hundred_bytes() {
  static const std::string made = call_of("Say", std::string("lobby"), message{std::string(66, 'x'), 3});
  if (made.size() != 100) std::abort();
  return made;
}

void cut(benchmark::State& state) {
  const std::string_view framed = hundred_bytes();
  for (auto _ : state) {
    std::size_t scanned = 0;
    benchmark::DoNotOptimize(messagepack_hub_protocol().cut(framed, scanned, 32768));
  }
}
BENCHMARK(cut);

void parse(benchmark::State& state, const std::string& framed) {
  const std::string_view encoded = without_length(framed);
  hub_message received;
  const allocation_counter counter(state);
  for (auto _ : state) {
    if (messagepack_hub_protocol().parse(encoded, received) != parse_status::message) std::abort();
    benchmark::DoNotOptimize(received.value.data());
  }
}
BENCHMARK_CAPTURE(parse, ping, std::string("\x02\x91\x06"));
BENCHMARK_CAPTURE(parse, add, call_of("Add", 2, 3));
BENCHMARK_CAPTURE(parse, hundred_bytes, hundred_bytes());
BENCHMARK_CAPTURE(parse, wide_record, call_of("Keep", wide_record()));

template <class T>
void write_result(benchmark::State& state, const hub_protocol& protocol, const T& value) {
  wire_buffer out;
  out.room(4096);
  const allocation_counter counter(state);
  for (auto _ : state) {
    out.clear();
    protocol.write_completion(out, "17", [&](value_writer& writer) { write_value(writer, value); });
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes"] = static_cast<double>(out.size());
}
void write_integer(benchmark::State& state) { write_result(state, messagepack_hub_protocol(), 42); }
void write_short_text(benchmark::State& state) {
  write_result(state, messagepack_hub_protocol(), std::string("hello there"));
}
void write_described_struct(benchmark::State& state) {
  write_result(state, messagepack_hub_protocol(), message{"hello there", 3});
}
void write_wide_record(benchmark::State& state, const hub_protocol& protocol) {
  write_result(state, protocol, wide_record());
}
BENCHMARK(write_integer);
BENCHMARK(write_short_text);
BENCHMARK(write_described_struct);
BENCHMARK_CAPTURE(write_wide_record, json, json_hub_protocol());
BENCHMARK_CAPTURE(write_wide_record, messagepack, messagepack_hub_protocol());

// Into a record that is there, as a call's argument is.
void read_wide_record(benchmark::State& state, const hub_protocol& protocol) {
  wire_buffer out;
  protocol.write_stream_item(out, "1", [](value_writer& writer) { write_value(writer, wide_record()); });
  std::size_t scanned = 0;
  const message_cut found = protocol.cut(out.view(), scanned, 0);
  hub_message received;
  if (protocol.parse(out.view().substr(found.begin, found.size), received) != parse_status::message) std::abort();
  wide_record value;
  const allocation_counter counter(state);
  for (auto _ : state) {
    protocol.with_reader(received.value, [&](value_reader& reader) {
      if (!read_value(reader, value)) std::abort();
    });
    benchmark::DoNotOptimize(value);
  }
  state.counters["bytes"] = static_cast<double>(received.value.size());
}
BENCHMARK_CAPTURE(read_wide_record, json, json_hub_protocol());
BENCHMARK_CAPTURE(read_wide_record, messagepack, messagepack_hub_protocol());

// The same with msgpack-cxx, where that is installed.
#if __has_include(<msgpack.hpp>)
struct their_record : wide_record {
  MSGPACK_DEFINE_MAP(WIDE_RECORD_MEMBERS)
};

void write_wide_record_with_msgpack_cxx(benchmark::State& state) {
  const their_record value;
  msgpack::sbuffer out(4096);
  const allocation_counter counter(state);
  for (auto _ : state) {
    out.clear();
    msgpack::pack(out, value);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(write_wide_record_with_msgpack_cxx);

void read_wide_record_with_msgpack_cxx(benchmark::State& state) {
  msgpack::sbuffer encoded;
  msgpack::pack(encoded, their_record());
  their_record value;
  const allocation_counter counter(state);
  for (auto _ : state) {
    msgpack::unpack(encoded.data(), encoded.size())->convert(value);
    benchmark::DoNotOptimize(value);
  }
}
BENCHMARK(read_wide_record_with_msgpack_cxx);
#endif

void whole_call(benchmark::State& state) {
  call_from_bytes_to_bytes<message>(state, messagepack_hub_protocol(), hundred_bytes());
}
BENCHMARK(whole_call);

}  // namespace

BENCHMARK_MAIN();
