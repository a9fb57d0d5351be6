// The table of MessagePack's formats, and finding the end of values without recursion.
#include "msgpack_format.hpp"

#include <array>

namespace hubbub::inline v0::msgpack {
namespace {

// Takes a number in network order; false when it is cut short.
template <class Number, class Into>
bool take(const char*& at, const char* end, Into& into) noexcept {
  if (static_cast<std::size_t>(end - at) < sizeof(Number)) return false;
  into = load<Number>(at);
  at += sizeof(Number);
  return true;
}

// Takes a signed integer: those not below zero count as positive, whatever their format.
template <class Number, class Signed>
bool take_signed(const char*& at, const char* end, token& found) noexcept {
  Number number{};
  if (!take<Number>(at, end, number)) return false;
  const auto value = static_cast<std::int64_t>(static_cast<Signed>(number));
  found.kind = value < 0 ? token_kind::negative : token_kind::positive;
  found.bits = static_cast<std::uint64_t>(value);
  return true;
}

template <class Number>
bool take_size(token_kind kind, const char*& at, const char* end, token& found) noexcept {
  found.kind = kind;
  return take<Number>(at, end, found.size);
}

bool take_extension_type(const char*& at, const char* end, token& found) noexcept {
  if (at == end) return false;
  found.kind = token_kind::extension;
  found.extension_type = static_cast<std::int8_t>(*at++);
  return true;
}

bool take_head(const char*& at, const char* end, token& found) noexcept {
  const auto first = static_cast<unsigned char>(*at++);
  const auto fixed_extension = [&](std::uint32_t size) {
    found.size = size;
    return take_extension_type(at, end, found);
  };
  const auto number = [&](token_kind kind, std::uint64_t bits) {
    found.kind = kind;
    found.bits = bits;
    return true;
  };
  if (first >= negative_fixint) {
    return number(token_kind::negative, static_cast<std::uint64_t>(std::int64_t{static_cast<signed char>(first)}));
  }
  switch (first) {
    case nil: found.kind = token_kind::nil; return true;
    case no: return number(token_kind::boolean, 0);
    case yes: return number(token_kind::boolean, 1);
    case bin_8: return take_size<std::uint8_t>(token_kind::binary, at, end, found);
    case bin_16: return take_size<std::uint16_t>(token_kind::binary, at, end, found);
    case bin_32: return take_size<std::uint32_t>(token_kind::binary, at, end, found);
    case ext_8: return take<std::uint8_t>(at, end, found.size) && take_extension_type(at, end, found);
    case ext_16: return take<std::uint16_t>(at, end, found.size) && take_extension_type(at, end, found);
    case ext_32: return take<std::uint32_t>(at, end, found.size) && take_extension_type(at, end, found);
    case float_32: found.kind = token_kind::float_32; return take<std::uint32_t>(at, end, found.bits);
    case float_64: found.kind = token_kind::float_64; return take<std::uint64_t>(at, end, found.bits);
    case uint_8: found.kind = token_kind::positive; return take<std::uint8_t>(at, end, found.bits);
    case uint_16: found.kind = token_kind::positive; return take<std::uint16_t>(at, end, found.bits);
    case uint_32: found.kind = token_kind::positive; return take<std::uint32_t>(at, end, found.bits);
    case uint_64: found.kind = token_kind::positive; return take<std::uint64_t>(at, end, found.bits);
    case int_8: return take_signed<std::uint8_t, std::int8_t>(at, end, found);
    case int_16: return take_signed<std::uint16_t, std::int16_t>(at, end, found);
    case int_32: return take_signed<std::uint32_t, std::int32_t>(at, end, found);
    case int_64: return take_signed<std::uint64_t, std::int64_t>(at, end, found);
    case fixext_1: return fixed_extension(1);
    case fixext_2: return fixed_extension(2);
    case fixext_4: return fixed_extension(4);
    case fixext_8: return fixed_extension(8);
    case fixext_16: return fixed_extension(16);
    case str_8: return take_size<std::uint8_t>(token_kind::text, at, end, found);
    case str_16: return take_size<std::uint16_t>(token_kind::text, at, end, found);
    case str_32: return take_size<std::uint32_t>(token_kind::text, at, end, found);
    case array_16: return take_size<std::uint16_t>(token_kind::array, at, end, found);
    case array_32: return take_size<std::uint32_t>(token_kind::array, at, end, found);
    case map_16: return take_size<std::uint16_t>(token_kind::map, at, end, found);
    case map_32: return take_size<std::uint32_t>(token_kind::map, at, end, found);
    default: return false;  // never used
  }
}

// Bytes that must follow the head at the least: an element takes one, a pair two.
std::uint64_t least_behind(const token& head) noexcept {
  switch (head.kind) {
    case token_kind::text:
    case token_kind::binary:
    case token_kind::extension:
    case token_kind::array: return head.size;
    case token_kind::map: return std::uint64_t{head.size} * 2;
    default: return 0;
  }
}

}  // namespace

bool read_longer_token(const char*& at, const char* end, token& found) noexcept {
  const char* behind = at;
  if (!take_head(behind, end, found) || static_cast<std::uint64_t>(end - behind) < least_behind(found)) return false;
  at = behind;
  return true;
}

const char* find_value_end(const char* at, const char* end, unsigned depth) noexcept {
  // Values behind each container that is open here.
  std::array<std::uint64_t, max_depth> waiting;  // NOLINT(*-member-init): set when one is opened
  unsigned open = 0;
  std::uint64_t left = 1;  // values before the innermost container ends
  for (;;) {
    while (left == 0) {
      if (open == 0) return at;
      left = waiting[--open];
    }
    --left;
    token head;
    if (!read_token(at, end, head)) return nullptr;
    if (head.kind == token_kind::array || head.kind == token_kind::map) {
      if (depth + open >= max_depth) return nullptr;
      waiting[open++] = left;
    }
    switch (head.kind) {
      case token_kind::text:
      case token_kind::binary:
      case token_kind::extension: at += head.size; break;
      case token_kind::array: left = head.size; break;
      case token_kind::map: left = std::uint64_t{head.size} * 2; break;
      default: break;
    }
  }
}

std::string_view format_name(unsigned char first_byte) noexcept {
  if (first_byte < fixmap) return "positive fixint";
  if (first_byte < fixarray) return "fixmap";
  if (first_byte < fixstr) return "fixarray";
  if (first_byte < nil) return "fixstr";
  if (first_byte >= negative_fixint) return "negative fixint";
  static constexpr std::array<std::string_view, 32> names = {
      "nil",       "(never used)", "false",    "true",     "bin 8",    "bin 16",   "bin 32",   "ext 8",
      "ext 16",    "ext 32",       "float 32", "float 64", "uint 8",   "uint 16",  "uint 32",  "uint 64",
      "int 8",     "int 16",       "int 32",   "int 64",   "fixext 1", "fixext 2", "fixext 4", "fixext 8",
      "fixext 16", "str 8",        "str 16",   "str 32",   "array 16", "array 32", "map 16",   "map 32"};
  return names[first_byte - nil];
}

}  // namespace hubbub::inline v0::msgpack
