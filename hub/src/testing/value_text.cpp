// Values of messages as text for people.
#include "value_text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "hubbub/core/bytes.hpp"

namespace hubbub::inline v0::testing::detail {
namespace {

constexpr std::size_t longest = 400;

template <class Number>
void append_number(std::string& text, Number value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  text.append(digits.data(), end);
}

void append_quoted(std::string& text, std::string_view value) {
  text += '"';
  for (const char one : value.substr(0, longest)) {
    if (one == '"' || one == '\\') text += '\\';
    if (static_cast<unsigned char>(one) >= 0x20) {
      text += one;
    } else {
      constexpr std::string_view hex = "0123456789abcdef";
      text += "\\u00";
      text += hex[static_cast<unsigned char>(one) >> 4];
      text += hex[static_cast<unsigned char>(one) & 15];
    }
  }
  text += value.size() > longest ? "...\"" : "\"";
}

void append_integer(value_reader& reader, std::string& text) {
  const value_reader::place before = reader.here();
  std::int64_t small = 0;
  std::uint64_t large = 0;
  double number = 0;
  if (reader.read(small)) return append_number(text, small);
  if (reader.go_back(before) && reader.read(large)) return append_number(text, large);
  if (reader.go_back(before) && reader.read(number)) append_number(text, number);
}

void append_members(value_reader& reader, std::string& text) {
  text += '{';
  std::string_view key;
  for (bool first = true; reader.next_member(key); first = false) {
    if (!first) text += ", ";
    append_quoted(text, key);
    text += ": ";
    append_text(reader, text);
  }
  text += '}';
}

void append_elements(value_reader& reader, std::string& text) {
  text += '[';
  for (bool first = true; reader.next_element(); first = false) {
    if (!first) text += ", ";
    append_text(reader, text);
  }
  text += ']';
}

}  // namespace

void append_text(value_reader& reader, std::string& text) {
  if (text.size() > 2 * longest) {
    text += "...";
    std::ignore = reader.skip();
    return;
  }
  bool flag = false;
  double number = 0;
  std::string string;
  bytes binary;
  std::int8_t type = 0;
  bytes_view content;
  switch (reader.peek()) {
    case value_kind::null:
      std::ignore = reader.read_null();
      text += "null";
      return;
    case value_kind::boolean:
      std::ignore = reader.read(flag);
      text += flag ? "true" : "false";
      return;
    case value_kind::integer: return append_integer(reader, text);
    case value_kind::number: std::ignore = reader.read(number); return append_number(text, number);
    case value_kind::string: std::ignore = reader.read(string); return append_quoted(text, string);
    case value_kind::binary:
      std::ignore = reader.read(binary);
      text += std::to_string(binary.size()) + " bytes";
      return;
    case value_kind::array:
      if (reader.enter_array()) append_elements(reader, text);
      return;
    case value_kind::object:
      if (reader.enter_object()) append_members(reader, text);
      return;
    case value_kind::extension:
      std::ignore = reader.read_extension(type, content);
      text += "extension " + std::to_string(type) + " of " + std::to_string(content.size()) + " bytes";
      return;
    case value_kind::invalid: text += "what cannot be read"; return;
  }
}

}  // namespace hubbub::inline v0::testing::detail
