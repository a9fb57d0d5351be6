// JSON text (RFC 8259, strict) looked at in place: finding the end of tokens and values, unescaping, checking UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace hubbub::inline v0::json_text {

/// How deep containers may nest, counted over a whole message.
inline constexpr unsigned max_depth = 64;

/// What a string token needs before it can be used.
struct string_traits {
  bool escaped = false;    ///< contains a backslash
  bool non_ascii = false;  ///< contains bytes above 0x7F
};

/// True for the four bytes JSON calls whitespace.
[[nodiscard]] constexpr bool is_space(char byte) noexcept {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}
/// True for `0` to `9`.
[[nodiscard]] constexpr bool is_digit(char byte) noexcept { return byte >= '0' && byte <= '9'; }

/// First byte at or behind `at` that is not whitespace, or `end`.
[[nodiscard]] inline const char* skip_space(const char* at, const char* end) noexcept {
  while (at != end && is_space(*at)) ++at;
  return at;
}

/// The slow part of `find_string_end`: strings with escapes, and whatever lies close to `end`.
[[nodiscard]] const char* find_string_end_slowly(const char* at, const char* end, string_traits& traits) noexcept;

/// From the first byte behind an opening quote to the closing quote. Null when the string does not end, holds a control
/// character or an escape that does not exist. Sets, never clears, what it learns about the string.
[[nodiscard]] inline const char* find_string_end(const char* at, const char* end, string_traits& traits) noexcept {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  // Looks at the first `count` bytes of a block; true when it stopped at one of them, at `at`.
  const auto stops_in = [&](__m128i block, unsigned count) noexcept {
    const __m128i stops = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                                       _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block));
    const unsigned looked_at = (1U << count) - 1U;
    const auto high = static_cast<unsigned>(_mm_movemask_epi8(block)) & looked_at;
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(stops)) & looked_at;
    traits.non_ascii |= (high & ((found & (0U - found)) - 1U)) != 0;
    at += found == 0 ? count : static_cast<unsigned>(__builtin_ctz(found));
    return found != 0;
  };
  bool stopped = false;
  while (!stopped && end - at >= 16) stopped = stops_in(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), 16);
  if (!stopped && end - at >= 8) stopped = stops_in(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at)), 8);
  if (stopped && *at == '"') return at;
#endif
  return find_string_end_slowly(at, end, traits);
}

/// From the first byte of a number to the byte behind it, by the grammar; null when it is none.
/// `fractional` tells whether it has a fraction or an exponent.
[[nodiscard]] const char* find_number_end(const char* at, const char* end, bool& fractional) noexcept;

/// From the first byte of a value (no whitespace before it) to the byte behind it. `depth` containers are open around
/// it. Null when the value is malformed or nests too deeply.
[[nodiscard]] const char* find_value_end(const char* at, const char* end, unsigned depth) noexcept;

/// Byte behind `true`, `false` or `null` that starts at `at`; null when it is none of them.
[[nodiscard]] const char* find_literal_end(const char* at, const char* end) noexcept;

/// Replaces `out` with the text of a string's inside that `find_string_end` accepted. False for a surrogate escape
/// without its other half.
[[nodiscard]] bool unescape(std::string_view inside, std::string& out);

/// Number of bytes at the start of `text` that are whole UTF-8 sequences (no overlong forms, no surrogates).
[[nodiscard]] std::size_t valid_utf8_prefix(std::string_view text) noexcept;
/// True when all of `text` is UTF-8.
[[nodiscard]] inline bool is_utf8(std::string_view text) noexcept { return valid_utf8_prefix(text) == text.size(); }

/// Length of the UTF-8 sequence at `at`, 2 to 4; 0 when it is malformed. `*at` is above 0x7F.
[[nodiscard]] std::size_t utf8_sequence(const char* at, const char* end) noexcept;

}  // namespace hubbub::inline v0::json_text
