// MessagePack looked at in place: the heads of values, and where values end.
//
//   00..7f positive fixint   80..8f fixmap   90..9f fixarray   a0..bf fixstr   c0 nil   c2 c3 false, true
//   c4..c6 bin 8, 16, 32     c7..c9 ext 8, 16, 32     ca cb float 32, 64     cc..cf uint 8 to 64     d0..d3 int 8 to 64
//   d4..d8 fixext 1, 2, 4, 8, 16     d9..db str 8, 16, 32     dc dd array 16, 32     de df map 16, 32
//   e0..ff negative fixint; c1 is never used. Numbers are in network order.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace hubbub::inline v0::msgpack {

/// How deep containers may nest, counted over a whole message.
inline constexpr unsigned max_depth = 64;

/// First bytes that others than the table of formats need to know.
enum code : unsigned char {
  fixmap = 0x80,
  fixarray = 0x90,
  fixstr = 0xa0,
  nil = 0xc0,
  never_used = 0xc1,
  no = 0xc2,
  yes = 0xc3,
  bin_8 = 0xc4,
  bin_16 = 0xc5,
  bin_32 = 0xc6,
  ext_8 = 0xc7,
  ext_16 = 0xc8,
  ext_32 = 0xc9,
  float_32 = 0xca,
  float_64 = 0xcb,
  uint_8 = 0xcc,
  uint_16 = 0xcd,
  uint_32 = 0xce,
  uint_64 = 0xcf,
  int_8 = 0xd0,
  int_16 = 0xd1,
  int_32 = 0xd2,
  int_64 = 0xd3,
  fixext_1 = 0xd4,
  fixext_2 = 0xd5,
  fixext_4 = 0xd6,
  fixext_8 = 0xd7,
  fixext_16 = 0xd8,
  str_8 = 0xd9,
  str_16 = 0xda,
  str_32 = 0xdb,
  array_16 = 0xdc,
  array_32 = 0xdd,
  map_16 = 0xde,
  map_32 = 0xdf,
  negative_fixint = 0xe0,
};

/// The unsigned number in network order at `at`.
template <class Number>
[[nodiscard]] inline Number load(const char* at) noexcept {
  Number number{};
  std::memcpy(&number, at, sizeof number);
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof number == 2) number = __builtin_bswap16(number);
    if constexpr (sizeof number == 4) number = __builtin_bswap32(number);
    if constexpr (sizeof number == 8) number = __builtin_bswap64(number);
  }
  return number;
}

/// Stores an unsigned number in network order at `at`; returns the place behind it.
template <class Number>
inline char* store(char* at, Number number) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof number == 2) number = __builtin_bswap16(number);
    if constexpr (sizeof number == 4) number = __builtin_bswap32(number);
    if constexpr (sizeof number == 8) number = __builtin_bswap64(number);
  }
  std::memcpy(at, &number, sizeof number);
  return at + sizeof number;
}

enum class token_kind : std::uint8_t {
  nil,
  boolean,
  positive,  ///< an integer, zero included
  negative,
  float_32,
  float_64,
  text,
  binary,
  extension,
  array,
  map,
};

/// The head of a value.
struct token {
  token_kind kind = token_kind::nil;
  std::int8_t extension_type = 0;
  std::uint32_t size = 0;  ///< bytes that follow, or elements, or pairs
  std::uint64_t bits = 0;  ///< a boolean, an integer (negative ones as two's complement), or a float's bits
};

/// `read_token` for the formats with a first byte from `nil` on.
[[nodiscard]] bool read_longer_token(const char*& at, const char* end, token& found) noexcept;

/// Reads the head of the value at `at` and moves `at` behind it. False, and `at` stays, when it is cut short or no
/// head. What the head promises is there: `size` bytes, or room for `size` elements or pairs. So nothing is ever
/// allocated on the word of a sender.
[[nodiscard]] inline bool read_token(const char*& at, const char* end, token& found) noexcept {
  if (at == end) return false;
  // Most heads of most messages are one of these.
  const auto first = static_cast<unsigned char>(*at);
  if (first >= nil) return read_longer_token(at, end, found);
  if (first < fixmap) {
    found.kind = token_kind::positive;
    found.bits = first;
    ++at;
    return true;
  }
  found.size = first & (first < fixstr ? 0x0fU : 0x1fU);
  found.kind = first < fixarray ? token_kind::map : first < fixstr ? token_kind::array : token_kind::text;
  const std::uint32_t least_behind = first < fixarray ? found.size * 2 : found.size;
  if (static_cast<std::uint64_t>(end - at) <= least_behind) return false;
  ++at;
  return true;
}

/// From the first byte of a value to the byte behind it. `depth` containers are open around it. Null when the value is
/// malformed, cut short or nests too deeply. No recursion.
[[nodiscard]] const char* find_value_end(const char* at, const char* end, unsigned depth) noexcept;

/// The name of a format as the specification of MessagePack gives it, for error texts.
[[nodiscard]] std::string_view format_name(unsigned char first_byte) noexcept;

}  // namespace hubbub::inline v0::msgpack
