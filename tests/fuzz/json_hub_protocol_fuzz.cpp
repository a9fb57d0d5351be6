// Fuzzes everything that reads or writes JSON for the wire: cutting, envelopes, handshake, binding to types, writing.
// Broken promises end the program: what is accepted reads back, what is written is UTF-8 and parses again.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "hubbub/json.hpp"
#include "hubbub/protocol/chrono_codec.hpp"
#include "hubbub/protocol/fields.hpp"
#include "hubbub/protocol/handshake.hpp"
#include "hubbub/protocol/hub_protocol.hpp"

namespace fuzz {

struct inner {
  std::string text;
  std::optional<double> number;
};
HUBBUB_FIELDS(inner, text, (number, "Nr"))

struct outer {
  int count = 0;
  bool flag = false;
  std::vector<inner> items;
  std::map<std::string, float> labels;
  hubbub::bytes data;
};
HUBBUB_FIELDS(outer, count, flag, items, labels, data)

namespace {

using namespace hubbub;

void promise(bool kept) {
  if (!kept) std::abort();
}

template <class T>
bool read(std::string_view encoded, T& value) {
  bool bound = false;
  json_hub_protocol().with_reader(encoded, [&](value_reader& reader) { bound = read_value(reader, value); });
  return bound;
}

template <class T>
std::string write(const T& value) {
  wire_buffer out;
  json_hub_protocol().write_stream_item(out, "1", [&](value_writer& writer) { write_value(writer, value); });
  hub_message message;
  promise(out.size() > 0 && out.view().back() == record_separator);
  promise(out.view().find(record_separator) == out.size() - 1);
  promise(json_hub_protocol().parse(out.view().substr(0, out.size() - 1), message) == parse_status::message);
  promise(message.type == message_type::stream_item && message.invocation_id == "1");
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

// Documents come back as equals only: minus zero reads as a number and, written, as an integer.
void round_trip_document(std::string_view encoded) {
  nlohmann::json value;
  if (!read(encoded, value)) return;
  nlohmann::json again;
  promise(read(write(value), again));
  promise(again == value);
}

std::size_t deepest(std::string_view text) {
  std::size_t depth = 0;
  std::size_t most = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (in_string && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      in_string = !in_string;
    } else if (!in_string && (text[at] == '[' || text[at] == '{')) {
      most = std::max(most, ++depth);
    } else if (!in_string && (text[at] == ']' || text[at] == '}')) {
      --depth;
    }
  }
  return most;
}

void bind_to_types(std::string_view encoded) {
  round_trip<bool>(encoded);
  round_trip<std::int8_t>(encoded);
  round_trip<std::int64_t>(encoded);
  round_trip<std::uint64_t>(encoded);
  round_trip<double>(encoded);
  round_trip<float>(encoded);
  round_trip<std::string>(encoded);
  round_trip<bytes>(encoded);
  round_trip<std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>>(encoded);
  round_trip<std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>>(encoded);
  round_trip<std::vector<bool>>(encoded);
  round_trip<std::tuple<int, std::string, double>>(encoded);
  round_trip<std::map<std::string, std::vector<std::string>>>(encoded);
  round_trip<outer>(encoded);
  round_trip<std::vector<outer>>(encoded);
  round_trip_document(encoded);
}

// An independent parser's yes is ours, as long as the nesting is allowed.
void agree_with_another_parser(std::string_view encoded) {
  if (!nlohmann::json::accept(encoded) || deepest(encoded) > 63) return;
  if (encoded.starts_with("\xEF\xBB\xBF")) return;  // which forgives a byte order mark
  json_hub_protocol().with_reader(encoded, [](value_reader& reader) {
    promise(reader.peek() != value_kind::invalid);
    promise(reader.skip() && reader.ok());
  });
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
  json_hub_protocol().with_reader(message.value, [&](value_reader& reader) {
    bytes_view whole;
    promise(reader.read_raw(whole) && whole == message.value);
  });
  bind_to_types(message.value);
  json_hub_protocol().with_reader(message.value, [](value_reader& reader) {
    if (!reader.enter_array()) return;
    while (reader.next_element()) {
      bytes_view argument;
      promise(reader.read_raw(argument));
      bind_to_types(argument);
    }
    promise(reader.ok());
  });
}

void receive(std::string_view received) {
  hub_message message;
  std::size_t scanned = 0;
  for (;;) {
    const message_cut cut = json_hub_protocol().cut(received, scanned, 4096);
    if (cut.found != message_cut::outcome::whole) break;
    promise(cut.used == cut.size + 1 && cut.begin + cut.size < received.size());
    const std::string_view encoded = received.substr(cut.begin, cut.size);
    // A copy of its own: the sanitizer sees each look behind its end.
    const std::vector<char> copy(encoded.begin(), encoded.end());
    const parse_status status = json_hub_protocol().parse({copy.data(), copy.size()}, message);
    if (status == parse_status::message) check_message(message);
    if (status == parse_status::fatal) promise(!message.problem.empty());
    received.remove_prefix(cut.used);
  }
}

void shake_hands(std::string_view encoded) {
  const handshake_request request = parse_handshake_request(encoded);
  promise(request.valid == request.problem.empty());
  if (!request.valid) return;
  wire_buffer out;
  write_handshake_request(out, request.protocol, static_cast<int>(request.version));
  const handshake_request again = parse_handshake_request(out.view().substr(0, out.size() - 1));
  promise(again.valid && again.protocol == request.protocol && again.version == request.version);
}

}  // namespace
}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> copy(data, data + size);
  const std::string_view input(copy.data(), copy.size());
  fuzz::receive(input);
  fuzz::receive(std::string(input) + hubbub::record_separator);
  fuzz::shake_hands(input);
  fuzz::bind_to_types(input);
  fuzz::agree_with_another_parser(input);
  std::string mended;
  fuzz::promise(fuzz::read(fuzz::write(input), mended));  // whatever the bytes, what is written is text
  fuzz::promise(fuzz::write(mended) == fuzz::write(input));
  return 0;
}
