// Small steps that tests of MessagePack values repeat; bytes are written as hex digits.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "vectors.hpp"

namespace hubbub::test::msgpack {

/// Hex digits of `bytes`.
inline std::string hex_of(std::string_view bytes) {
  std::string digits;
  for (const char byte : bytes) {
    constexpr char hex[] = "0123456789abcdef";
    digits += hex[static_cast<unsigned char>(byte) >> 4];
    digits += hex[static_cast<unsigned char>(byte) & 0xf];
  }
  return digits;
}

/// A value as MessagePack: what stands as item in its message.
template <class T>
std::string written(const T& value) {
  wire_buffer out;
  messagepack_hub_protocol().write_stream_item(out, "1", [&](value_writer& writer) { write_value(writer, value); });
  std::size_t scanned = 0;
  const message_cut cut = messagepack_hub_protocol().cut(out.view(), scanned, 0);
  hub_message message;
  const bool good =
      cut.found == message_cut::outcome::whole && cut.used == out.size() &&
      messagepack_hub_protocol().parse(out.view().substr(cut.begin, cut.size), message) == parse_status::message;
  if (!good) throw std::runtime_error("what was written does not parse");
  return hex_of(message.value);
}

/// True when a value converts to a T. Reads a copy that is exactly as long, so that sanitizers see each look behind it.
template <class T>
bool binds(std::string_view digits, T& value) {
  const std::string encoded = from_hex(digits);
  const std::vector<char> copy(encoded.begin(), encoded.end());
  bool bound = false;
  messagepack_hub_protocol().with_reader({copy.data(), copy.size()},
                                         [&](value_reader& reader) { bound = read_value(reader, value); });
  return bound;
}

/// The value, which must convert.
template <class T>
T bound(std::string_view digits) {
  T value{};
  if (!binds(digits, value)) throw std::runtime_error("does not convert: " + std::string(digits));
  return value;
}

template <class T>
bool converts(std::string_view digits) {
  T value{};
  return binds(digits, value);
}

}  // namespace hubbub::test::msgpack
