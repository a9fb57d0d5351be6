// Writes typed values as JSON text: one look at each byte, room asked for once per piece.
#include "json_writer.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "hubbub/core/base64.hpp"
#include "json_text.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr std::size_t longest_number = 40;

constexpr bool is_plain(char character) noexcept {
  const auto byte = static_cast<unsigned char>(character);
  return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

// Bytes at the start of [at, end) that go out as they are, looked at in blocks.
std::size_t plain_prefix(const char* at, const char* end) noexcept {
  const char* const begin = at;
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i space = _mm_set1_epi8(0x20);
  const __m128i del = _mm_set1_epi8(0x7f);
  while (end - at >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Compared as signed bytes, everything above 0x7F is below a space.
    const __m128i stops = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                                       _mm_or_si128(_mm_cmplt_epi8(block, space), _mm_cmpeq_epi8(block, del)));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(stops));
    if (found != 0) return static_cast<std::size_t>(at - begin) + static_cast<std::size_t>(__builtin_ctz(found));
    at += 16;
  }
#endif
  while (at != end && is_plain(*at)) ++at;
  return static_cast<std::size_t>(at - begin);
}

char* put_unicode_escape(char* out, unsigned code) noexcept {
  constexpr char hex[] = "0123456789ABCDEF";
  *out++ = '\\';
  *out++ = 'u';
  for (const unsigned shift : {12U, 8U, 4U, 0U}) *out++ = hex[code >> shift & 0xF];
  return out;
}

char* put_ascii_escape(char* out, char character) noexcept {
  char letter = 0;
  switch (character) {
    case '"':
    case '\\': letter = character; break;
    case '\b': letter = 'b'; break;
    case '\f': letter = 'f'; break;
    case '\n': letter = 'n'; break;
    case '\r': letter = 'r'; break;
    case '\t': letter = 't'; break;
    default: return put_unicode_escape(out, static_cast<unsigned char>(character));
  }
  *out++ = '\\';
  *out++ = letter;
  return out;
}

// Puts one sequence above ASCII and moves `at` behind it. Line and paragraph separators and the C1 controls are
// escaped as the reference does.
char* put_non_ascii(char* out, const char*& at, const char* end) noexcept {
  const std::size_t length = json_text::utf8_sequence(at, end);
  if (length == 0) {
    ++at;
    std::memcpy(out, "\xEF\xBF\xBD", 3);
    return out + 3;
  }
  const auto byte = [at](int index) { return static_cast<unsigned char>(at[index]); };
  if (length == 2 && byte(0) == 0xC2 && byte(1) < 0xA0) {
    out = put_unicode_escape(out, byte(1));
  } else if (length == 3 && byte(0) == 0xE2 && byte(1) == 0x80 && (byte(2) & 0xFE) == 0xA8) {
    out = put_unicode_escape(out, 0x2000U | (byte(2) & 0x3FU));
  } else {
    std::memcpy(out, at, length);
    out += length;
  }
  at += length;
  return out;
}

}  // namespace

void write_json_string(wire_buffer& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  out.put('"');
  while (at != end) {
    const std::size_t plain = plain_prefix(at, end);
    out.put({at, plain});
    at += plain;
    // What stopped the prefix, and what follows it in kind, in batches: 6 characters are the most a byte can take.
    while (at != end && !is_plain(*at)) {
      char* const begin = out.room(16 * 6);
      char* put = begin;
      for (int batch = 0; batch < 16 && at != end && !is_plain(*at); ++batch) {
        if (static_cast<unsigned char>(*at) < 0x80) {
          put = put_ascii_escape(put, *at++);
        } else {
          put = put_non_ascii(put, at, end);
        }
      }
      out.wrote(static_cast<std::size_t>(put - begin));
    }
  }
  out.put('"');
}

inline void json_writer::separate() {
  if (comma_) out_.put(',');
}

// Room for a comma and `room` bytes; the value begins where this points.
inline char* json_writer::begin_value(std::size_t room) {
  char* at = out_.room(room + 1);
  if (comma_) *at++ = ',';
  return at;
}

inline void json_writer::end_value(const char* stop) noexcept {
  out_.wrote(static_cast<std::size_t>(stop - (out_.data() + out_.size())));
  comma_ = true;
}

inline void json_writer::write_word(std::string_view word) {
  char* at = begin_value(word.size());
  std::memcpy(at, word.data(), word.size());
  end_value(at + word.size());
}

template <class Integer>
void json_writer::write_integer(Integer value) {
  char* at = begin_value(longest_number);
  end_value(std::to_chars(at, at + longest_number, value).ptr);
}

template <class Number>
void json_writer::write_number(Number value) {
  if (!std::isfinite(value)) throw std::invalid_argument("NaN and infinity cannot be written as JSON");
  // Whole numbers that the type holds exactly are written as such: 2 and 100000, not 2.0 and 1e+05.
  constexpr Number exact = static_cast<Number>(std::int64_t{1} << std::numeric_limits<Number>::digits);
  if (value < exact && value > -exact && static_cast<Number>(static_cast<std::int64_t>(value)) == value &&
      !(value == 0 && std::signbit(value))) {
    return write_integer(static_cast<std::int64_t>(value));
  }
  char* at = begin_value(longest_number);
  end_value(std::to_chars(at, at + longest_number, value).ptr);
}

void json_writer::write_null() { write_word("null"); }
void json_writer::write(bool value) { write_word(value ? "true" : "false"); }
void json_writer::write(std::int64_t value) { write_integer(value); }
void json_writer::write(std::uint64_t value) { write_integer(value); }
void json_writer::write(double value) { write_number(value); }
void json_writer::write(float value) { write_number(value); }

void json_writer::write(std::string_view text) {
  separate();
  write_json_string(out_, text);
  comma_ = true;
}

void json_writer::write_bytes(bytes_view value) {
  const std::size_t size = base64_size(value.size());
  char* at = begin_value(size + 2);
  *at++ = '"';
  at += write_base64(at, value.data(), value.size());
  *at++ = '"';
  end_value(at);
}

void json_writer::begin_array(std::size_t /*size*/) {
  separate();
  out_.put('[');
  comma_ = false;
}

void json_writer::end_array() {
  out_.put(']');
  comma_ = true;
}

void json_writer::begin_object(std::size_t /*size*/) {
  separate();
  out_.put('{');
  comma_ = false;
}

void json_writer::key(std::string_view name) {
  separate();
  write_json_string(out_, name);
  out_.put(':');
  comma_ = false;
}

void json_writer::end_object() {
  out_.put('}');
  comma_ = true;
}

void json_writer::write_extension(std::int8_t /*type*/, bytes_view /*content*/) {
  throw std::logic_error("JSON has no extension values");
}

void json_writer::write_raw(bytes_view encoded) {
  separate();
  out_.put(encoded);
  comma_ = true;
}

}  // namespace hubbub::inline v0
