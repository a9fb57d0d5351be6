// Writes MessagePack: a head in its smallest form, then the bytes.
#include "msgpack_writer.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

#include "json_text.hpp"
#include "msgpack_format.hpp"
#include "utf8_mending.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr std::size_t longest_head = 9;

char* put_code(char* at, unsigned code) noexcept {
  *at = static_cast<char>(static_cast<unsigned char>(code));
  return at + 1;
}

template <class Number>
char* put_number(char* at, unsigned code, Number number) noexcept {
  return msgpack::store(put_code(at, code), number);
}

char* put_positive(char* at, std::uint64_t value) noexcept {
  if (value < 0x80) return put_code(at, static_cast<unsigned>(value));
  if (value <= 0xff) return put_number(at, msgpack::uint_8, static_cast<std::uint8_t>(value));
  if (value <= 0xffff) return put_number(at, msgpack::uint_16, static_cast<std::uint16_t>(value));
  if (value <= 0xffff'ffff) return put_number(at, msgpack::uint_32, static_cast<std::uint32_t>(value));
  return put_number(at, msgpack::uint_64, value);
}

char* put_negative(char* at, std::int64_t value) noexcept {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= -32) return put_code(at, static_cast<unsigned>(bits & 0xff));
  if (value >= std::numeric_limits<std::int8_t>::min())
    return put_number(at, msgpack::int_8, static_cast<std::uint8_t>(bits));
  if (value >= std::numeric_limits<std::int16_t>::min())
    return put_number(at, msgpack::int_16, static_cast<std::uint16_t>(bits));
  if (value >= std::numeric_limits<std::int32_t>::min())
    return put_number(at, msgpack::int_32, static_cast<std::uint32_t>(bits));
  return put_number(at, msgpack::int_64, bits);
}

// The head of something with a size: `fixed` takes sizes below `fixed_limit`; `code_8` is 0 where there is no such
// form.
struct sized_format {
  unsigned fixed;
  std::size_t fixed_limit;
  unsigned code_8;
  unsigned code_16;
  unsigned code_32;
};
constexpr sized_format text_format{msgpack::fixstr, 32, msgpack::str_8, msgpack::str_16, msgpack::str_32};
constexpr sized_format binary_format{0, 0, msgpack::bin_8, msgpack::bin_16, msgpack::bin_32};
constexpr sized_format array_format{msgpack::fixarray, 16, 0, msgpack::array_16, msgpack::array_32};
constexpr sized_format map_format{msgpack::fixmap, 16, 0, msgpack::map_16, msgpack::map_32};

char* put_head(char* at, const sized_format& format, std::size_t size) {
  if (size < format.fixed_limit) return put_code(at, format.fixed | static_cast<unsigned>(size));
  if (size <= 0xff && format.code_8 != 0) return put_number(at, format.code_8, static_cast<std::uint8_t>(size));
  if (size <= 0xffff) return put_number(at, format.code_16, static_cast<std::uint16_t>(size));
  if (size > 0xffff'ffff) throw std::length_error("a value is too large for MessagePack");
  return put_number(at, format.code_32, static_cast<std::uint32_t>(size));
}

void put_sized(wire_buffer& out, const sized_format& format, bytes_view content) {
  char* const begin = out.room(longest_head + content.size());
  char* at = put_head(begin, format, content.size());
  if (!content.empty()) std::memcpy(at, content.data(), content.size());
  out.wrote(static_cast<std::size_t>(at - begin) + content.size());
}

// Copies up to 31 bytes and tells whether all of them are ASCII: most texts and all names of members are so short that
// calls for checking and copying would cost more than the work. Pieces overlap in the middle.
template <class Word>
bool copy_ends(char* to, bytes_view text) noexcept {
  constexpr Word high_bits = static_cast<Word>(0x8080'8080'8080'8080);
  Word first = 0;
  Word last = 0;
  const std::size_t at = text.size() - sizeof(Word);
  std::memcpy(&first, text.data(), sizeof(Word));
  std::memcpy(&last, text.data() + at, sizeof(Word));
  std::memcpy(to, &first, sizeof(Word));
  std::memcpy(to + at, &last, sizeof(Word));
  return ((first | last) & high_bits) == 0;
}

bool copy_short(char* to, bytes_view text) noexcept {
  const std::size_t size = text.size();
  if (size >= 16) {
    const std::size_t half = size / 2;
    const bool left = copy_ends<std::uint64_t>(to, text.substr(0, half));
    return copy_ends<std::uint64_t>(to + half, text.substr(half)) && left;
  }
  if (size >= 8) return copy_ends<std::uint64_t>(to, text);
  if (size >= 4) return copy_ends<std::uint32_t>(to, text);
  if (size >= 2) return copy_ends<std::uint16_t>(to, text);
  return size == 0 || copy_ends<std::uint8_t>(to, text);
}

void put_container(wire_buffer& out, const sized_format& format, std::size_t size) {
  char* const begin = out.room(longest_head);
  out.wrote(static_cast<std::size_t>(put_head(begin, format, size) - begin));
}

}  // namespace

void msgpack_writer::write_null() { out_.put(static_cast<char>(msgpack::nil)); }
void msgpack_writer::write(bool value) { out_.put(static_cast<char>(value ? msgpack::yes : msgpack::no)); }

void msgpack_writer::write(std::int64_t value) {
  char* const begin = out_.room(longest_head);
  const char* end = value < 0 ? put_negative(begin, value) : put_positive(begin, static_cast<std::uint64_t>(value));
  out_.wrote(static_cast<std::size_t>(end - begin));
}

void msgpack_writer::write(std::uint64_t value) {
  char* const begin = out_.room(longest_head);
  out_.wrote(static_cast<std::size_t>(put_positive(begin, value) - begin));
}

void msgpack_writer::write(double value) {
  char* const begin = out_.room(longest_head);
  out_.wrote(
      static_cast<std::size_t>(put_number(begin, msgpack::float_64, std::bit_cast<std::uint64_t>(value)) - begin));
}

void msgpack_writer::write(float value) {
  char* const begin = out_.room(longest_head);
  out_.wrote(
      static_cast<std::size_t>(put_number(begin, msgpack::float_32, std::bit_cast<std::uint32_t>(value)) - begin));
}

void msgpack_writer::write(std::string_view text) {
  if (text.size() < text_format.fixed_limit) {
    char* const begin = out_.room(text_format.fixed_limit);
    put_code(begin, text_format.fixed | static_cast<unsigned>(text.size()));
    if (copy_short(begin + 1, text)) return out_.wrote(1 + text.size());
  }
  if (json_text::is_utf8(text)) return put_sized(out_, text_format, text);
  std::string mended;
  mend_utf8(text, mended);
  put_sized(out_, text_format, mended);
}

void msgpack_writer::write_bytes(bytes_view value) { put_sized(out_, binary_format, value); }
void msgpack_writer::begin_array(std::size_t size) { put_container(out_, array_format, size); }
void msgpack_writer::begin_object(std::size_t size) { put_container(out_, map_format, size); }

void msgpack_writer::write_extension(std::int8_t type, bytes_view content) {
  constexpr sized_format format{0, 0, msgpack::ext_8, msgpack::ext_16, msgpack::ext_32};
  char* const begin = out_.room(longest_head + content.size());
  const std::size_t size = content.size();
  // Powers of two up to 16 have formats of their own, one behind the other.
  char* at = size <= 16 && std::has_single_bit(size)
                 ? put_code(begin, msgpack::fixext_1 + static_cast<unsigned>(std::countr_zero(size)))
                 : put_head(begin, format, size);
  *at++ = static_cast<char>(type);
  if (size != 0) std::memcpy(at, content.data(), size);
  out_.wrote(static_cast<std::size_t>(at - begin) + size);
}

void msgpack_writer::write_raw(bytes_view encoded) { out_.put(encoded); }

}  // namespace hubbub::inline v0
