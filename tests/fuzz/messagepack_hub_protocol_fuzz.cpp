// Fuzzes everything that reads or writes MessagePack for the wire: cutting, envelopes, binding to types, writing.
// Broken promises end the program: what is accepted reads back, what is written parses again, and an independent parser
// agrees.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "hubbub/json.hpp"
#include "hubbub/protocol/chrono_codec.hpp"
#include "hubbub/protocol/enums.hpp"
#include "hubbub/protocol/fields.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "hubbub/protocol/variant_codec.hpp"

namespace fuzz {

enum class colour : std::uint8_t { red, green = 7 };
HUBBUB_ENUM(colour, red, (green, "Green"))

struct inner {
  std::string text;
  std::optional<double> number;
};
HUBBUB_FIELDS(inner, text, (number, "Nr"))

struct outer {
  int count = 0;
  bool flag = false;
  colour shade = colour::red;
  std::vector<inner> items;
  std::map<std::string, float> labels;
  hubbub::bytes data;
};
HUBBUB_FIELDS(outer, count, flag, shade, items, labels, data)

namespace {

using namespace hubbub;

void promise(bool kept) {
  if (!kept) std::abort();
}

template <class T>
bool read(std::string_view encoded, T& value) {
  bool bound = false;
  messagepack_hub_protocol().with_reader(encoded, [&](value_reader& reader) { bound = read_value(reader, value); });
  return bound;
}

template <class T>
std::string write(const T& value) {
  wire_buffer out;
  messagepack_hub_protocol().write_stream_item(out, "1", [&](value_writer& writer) { write_value(writer, value); });
  std::size_t scanned = 0;
  const message_cut cut = messagepack_hub_protocol().cut(out.view(), scanned, 0);
  promise(cut.found == message_cut::outcome::whole && cut.used == out.size());
  hub_message message;
  promise(messagepack_hub_protocol().parse(out.view().substr(cut.begin, cut.size), message) == parse_status::message);
  promise(message.type == message_type::stream_item && message.invocation_id == "1");
  promise(message.value.data() + message.value.size() == out.view().data() + out.size());
  return std::string(message.value);
}

// What binds is written, and binds again to what is written the same.
template <class T>
void round_trip(std::string_view encoded) {
  T value{};
  if (!read(encoded, value)) return;
  const std::string once = write(value);
  T again{};
  promise(read(once, again));
  promise(write(again) == once);
}

// A type that cannot be written out of range, though it is read: years beyond those a message has.
template <class Time>
void round_trip_time(std::string_view encoded) {
  Time value{};
  if (!read(encoded, value)) return;
  try {
    Time again{};
    promise(read(write(value), again) && again == value);
  } catch (const std::invalid_argument&) {
    return;
  }
}

void bind_to_types(std::string_view encoded) {
  round_trip<bool>(encoded);
  round_trip<std::int8_t>(encoded);
  round_trip<std::uint16_t>(encoded);
  round_trip<std::int64_t>(encoded);
  round_trip<std::uint64_t>(encoded);
  round_trip<double>(encoded);
  round_trip<float>(encoded);
  round_trip<std::string>(encoded);
  round_trip<bytes>(encoded);
  round_trip<colour>(encoded);
  round_trip<std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>>(encoded);
  round_trip_time<std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>>(encoded);
  round_trip_time<std::chrono::year_month_day>(encoded);
  round_trip<std::vector<bool>>(encoded);
  round_trip<std::tuple<int, std::string, double>>(encoded);
  round_trip<std::map<std::string, std::vector<std::string>>>(encoded);
  round_trip<std::variant<std::monostate, int, std::vector<std::int64_t>, std::string, inner>>(encoded);
  round_trip<outer>(encoded);
  round_trip<std::vector<outer>>(encoded);
  round_trip<nlohmann::json>(encoded);
}

void check_message(const hub_message& message) {
  if (!message.headers.empty()) {  // what was accepted are texts by name
    std::map<std::string, std::string> headers;
    promise(read(message.headers, headers));
  }
  write(message.target);
  write(message.invocation_id);
  write(message.error);
  for (const auto& id : message.stream_ids) write(id);
  if (message.value.empty()) return;
  bind_to_types(message.value);
  messagepack_hub_protocol().with_reader(message.value, [](value_reader& reader) {
    if (!reader.enter_array()) return;
    while (reader.next_element()) {
      bytes_view argument;
      if (!reader.read_raw(argument)) {  // the rest of the message is malformed
        promise(!reader.ok());
        return;
      }
      bind_to_types(argument);
    }
    promise(reader.ok());
  });
}

void receive(std::string_view received) {
  hub_message message;
  for (;;) {
    std::size_t scanned = 0;
    const message_cut cut = messagepack_hub_protocol().cut(received, scanned, 4096);
    if (cut.found != message_cut::outcome::whole) break;
    promise(cut.begin + cut.size == cut.used && cut.used <= received.size() && cut.used <= 4096);
    const std::string_view encoded = received.substr(cut.begin, cut.size);
    // A copy of its own: the sanitizer sees each look behind its end.
    const std::vector<char> copy(encoded.begin(), encoded.end());
    const parse_status status = messagepack_hub_protocol().parse({copy.data(), copy.size()}, message);
    if (status == parse_status::message) check_message(message);
    if (status == parse_status::fatal) promise(!message.problem.empty());
    received.remove_prefix(cut.used);
  }
}

// Whether the value nests deeper than we go, by the other parser's tree.
std::size_t depth_of(const nlohmann::json& value) {
  std::size_t most = 0;
  if (value.is_structured()) {
    for (const auto& one : value) most = std::max(most, depth_of(one));
    ++most;
  }
  return most;
}

// Looks for what only the other parser has an opinion on: names in maps that come twice, that are no text.
void agree_with_another_parser(std::string_view encoded) {
  const nlohmann::json theirs = nlohmann::json::from_msgpack(encoded.begin(), encoded.end(), true, false);
  if (theirs.is_discarded() || depth_of(theirs) > 62) return;
  messagepack_hub_protocol().with_reader(encoded, [](value_reader& reader) {
    promise(reader.peek() != value_kind::invalid);
    promise(reader.skip() && reader.ok());
  });
}

}  // namespace
}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> copy(data, data + size);
  const std::string_view input(copy.data(), copy.size());
  fuzz::receive(input);
  // With a length in front, so that a change in the middle does not end the message.
  if (size < 0x80) fuzz::receive(std::string(1, static_cast<char>(size)) + std::string(input));
  fuzz::bind_to_types(input);
  fuzz::agree_with_another_parser(input);
  std::string mended;
  fuzz::promise(fuzz::read(fuzz::write(input), mended));  // whatever the bytes, what is written is text
  fuzz::promise(fuzz::write(mended) == fuzz::write(input));
  return 0;
}
