// What the JSON hub protocol costs: cutting, parsing, binding, writing, and all of it for one plain method call.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/protocol/fields.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "hubbub/protocol/value_codec.hpp"
#include "protocol_bench.hpp"

namespace {

using namespace hubbub;

struct message {
  std::string text;
  int stars = 0;
};
HUBBUB_FIELDS(message, text, stars)

struct record {
  std::string name;
  std::int64_t count = 0;
  double ratio = 0;
  bool flag = false;
  std::vector<int> items;
};
HUBBUB_FIELDS(record, name, count, ratio, flag, items)

// 62 bytes, as the official JavaScript client writes it; and 100 bytes with a text.
constexpr std::string_view add_call = "{\"target\":\"Add\",\"arguments\":[2,3],\"invocationId\":\"0\",\"type\":1}\x1e";
constexpr std::string_view text_call =
    "{\"arguments\":[\"hello world, how are you?\"],\"invocationId\":\"17\",\"target\":\"Echo\",\"type\":1}\x1e";
constexpr std::string_view hundred =
    "{\"type\":1,\"invocationId\":\"17\",\"target\":\"Say\",\"arguments\":[\"lobby\",{\"text\":\"hello "
    "there\",\"stars\":3}]}\x1e";

bytes_view without_separator(std::string_view framed) { return framed.substr(0, framed.size() - 1); }

void cut(benchmark::State& state) {
  for (auto _ : state) {
    std::size_t scanned = 0;
    benchmark::DoNotOptimize(json_hub_protocol().cut(hundred, scanned, 32768));
  }
}
BENCHMARK(cut);

void parse(benchmark::State& state, std::string_view framed) {
  hub_message received;
  const allocation_counter counter(state);
  for (auto _ : state) {
    if (json_hub_protocol().parse(without_separator(framed), received) != parse_status::message) std::abort();
    benchmark::DoNotOptimize(received.value.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(framed.size()));
}
BENCHMARK_CAPTURE(parse, ping, std::string_view("{\"type\":6}\x1e"));
BENCHMARK_CAPTURE(parse, add, add_call);
BENCHMARK_CAPTURE(parse, text, text_call);
BENCHMARK_CAPTURE(parse, hundred_bytes, hundred);

template <class T>
void bind_value(benchmark::State& state, std::string_view encoded) {
  const allocation_counter counter(state);
  for (auto _ : state) {
    json_hub_protocol().with_reader(encoded, [](value_reader& reader) {
      T value{};
      if (!read_value(reader, value)) std::abort();
      benchmark::DoNotOptimize(value);
    });
  }
}
constexpr auto bind_integer = bind_value<int>;
constexpr auto bind_number = bind_value<double>;
constexpr auto bind_text = bind_value<std::string>;
constexpr auto bind_struct = bind_value<message>;
constexpr auto bind_record = bind_value<record>;
BENCHMARK_CAPTURE(bind_integer, digits, R"(42)");
BENCHMARK_CAPTURE(bind_number, fraction, R"(3.25)");
BENCHMARK_CAPTURE(bind_text, plain, R"("hello there")");
BENCHMARK_CAPTURE(bind_text, escaped, R"("hello\nthere")");
BENCHMARK_CAPTURE(bind_struct, in_order, R"({"text":"hello there","stars":3})");
BENCHMARK_CAPTURE(bind_struct, spaced, R"({ "text": "hello there", "stars": 3 })");
BENCHMARK_CAPTURE(bind_struct, other_order_and_case, R"({"Stars":3,"Text":"hello there"})");
BENCHMARK_CAPTURE(bind_record, five_fields,
                  R"({"name":"a name","count":12345,"ratio":0.5,"flag":true,"items":[1,2,3]})");

template <class T>
void write_result(benchmark::State& state, const T& value) {
  wire_buffer out;
  out.room(4096);
  const allocation_counter counter(state);
  for (auto _ : state) {
    out.clear();
    json_hub_protocol().write_completion(out, "17", [&](value_writer& writer) { write_value(writer, value); });
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK_CAPTURE(write_result, integer, 42);
BENCHMARK_CAPTURE(write_result, number, 3.25);
BENCHMARK_CAPTURE(write_result, short_text, std::string("hello there"));
BENCHMARK_CAPTURE(write_result, long_text, std::string(1000, 'x'));
BENCHMARK_CAPTURE(write_result, described_struct, message{"hello there", 3});
BENCHMARK_CAPTURE(write_result, accented_text, std::string("h\xC3\xA9llo th\xC3\xA9re, \xE6\xBC\xA2\xE5\xAD\x97"));

void whole_call(benchmark::State& state) { call_from_bytes_to_bytes<message>(state, json_hub_protocol(), hundred); }
BENCHMARK(whole_call);

}  // namespace

BENCHMARK_MAIN();
