// JSON text looked at in place: the grammar of RFC 8259, one pass, no recursion.
#include "json_text.hpp"

#include <array>
#include <cstring>

namespace hubbub::inline v0::json_text {
namespace {

enum : unsigned char { plain = 0, high = 1, quote = 2, backslash = 3, control = 4 };

constexpr std::array<unsigned char, 256> make_string_classes() {
  std::array<unsigned char, 256> classes{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    if (byte < 0x20) classes[byte] = control;
    if (byte >= 0x80) classes[byte] = high;
  }
  classes['"'] = quote;
  classes['\\'] = backslash;
  return classes;
}
constexpr std::array<unsigned char, 256> string_classes = make_string_classes();

constexpr int hex_digit(char byte) noexcept {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

// Behind the escape whose backslash is at `at`, or null.
const char* find_escape_end(const char* at, const char* end) noexcept {
  if (end - at < 2) return nullptr;
  switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return at + 2;
    case 'u': break;
    default: return nullptr;
  }
  if (end - at < 6) return nullptr;
  for (int digit = 2; digit < 6; ++digit) {
    if (hex_digit(at[digit]) < 0) return nullptr;
  }
  return at + 6;
}

unsigned hex_value(const char* digits) noexcept {
  unsigned value = 0;
  for (int digit = 0; digit < 4; ++digit) value = value << 4 | static_cast<unsigned>(hex_digit(digits[digit]));
  return value;
}

void append_code_point(std::string& out, unsigned code) {
  const auto byte = [](unsigned bits) { return static_cast<char>(static_cast<unsigned char>(bits)); };
  if (code < 0x80) {
    out.push_back(byte(code));
  } else if (code < 0x800) {
    const char sequence[] = {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
    out.append(sequence, 2);
  } else if (code < 0x10000) {
    const char sequence[] = {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
    out.append(sequence, 3);
  } else {
    const char sequence[] = {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 0x3F)), byte(0x80 | (code >> 6 & 0x3F)),
                             byte(0x80 | (code & 0x3F))};
    out.append(sequence, 4);
  }
}

char short_escape(char letter) noexcept {
  switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return letter;  // quote, backslash, slash
  }
}

bool starts_with(const char* at, const char* end, std::string_view word) noexcept {
  return static_cast<std::size_t>(end - at) >= word.size() && std::memcmp(at, word.data(), word.size()) == 0;
}

}  // namespace

const char* find_string_end_slowly(const char* at, const char* end, string_traits& traits) noexcept {
  while (at != end) {
    switch (string_classes[static_cast<unsigned char>(*at)]) {
      case plain: ++at; break;
      case high:
        traits.non_ascii = true;
        ++at;
        break;
      case quote: return at;
      case backslash:
        traits.escaped = true;
        at = find_escape_end(at, end);
        if (at == nullptr) return nullptr;
        break;
      default: return nullptr;
    }
  }
  return nullptr;
}

const char* find_number_end(const char* at, const char* end, bool& fractional) noexcept {
  fractional = false;
  if (at != end && *at == '-') ++at;
  if (at == end || !is_digit(*at)) return nullptr;
  if (*at == '0') {
    ++at;
    if (at != end && is_digit(*at)) return nullptr;
  } else {
    while (at != end && is_digit(*at)) ++at;
  }
  if (at == end) return at;
  if (*at == '.') {
    fractional = true;
    ++at;
    if (at == end || !is_digit(*at)) return nullptr;
    while (at != end && is_digit(*at)) ++at;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    fractional = true;
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (at == end || !is_digit(*at)) return nullptr;
    while (at != end && is_digit(*at)) ++at;
  }
  return at;
}

const char* find_literal_end(const char* at, const char* end) noexcept {
  if (starts_with(at, end, "true") || starts_with(at, end, "null")) return at + 4;
  if (starts_with(at, end, "false")) return at + 5;
  return nullptr;
}

const char* find_value_end(const char* at, const char* end, unsigned depth) noexcept {
  std::uint64_t objects = 0;  // one bit for each container opened here, the innermost lowest: 1 = object
  unsigned open = 0;
  for (;;) {
    // A value begins at `at`.
    if (at == end) return nullptr;
    bool opened = false;
    switch (*at) {
      case '"': {
        string_traits traits;
        at = find_string_end(at + 1, end, traits);
        if (at == nullptr) return nullptr;
        ++at;
        break;
      }
      case '{':
      case '[': {
        if (depth + open >= max_depth) return nullptr;
        const bool object = *at == '{';
        objects = objects << 1 | (object ? 1U : 0U);
        ++open;
        at = skip_space(at + 1, end);
        opened = at != end && *at != (object ? '}' : ']');
        break;
      }
      case 't':
      case 'f':
      case 'n':
        at = find_literal_end(at, end);
        if (at == nullptr) return nullptr;
        break;
      default: {
        bool fractional = false;
        at = find_number_end(at, end, fractional);
        if (at == nullptr) return nullptr;
      }
    }

    // Behind a value, or inside a container just opened: close what ends here, then find the next value.
    for (;;) {
      if (open == 0) return at;
      const bool object = (objects & 1U) != 0;
      if (!opened) {
        at = skip_space(at, end);
        if (at == end) return nullptr;
        if (*at == (object ? '}' : ']')) {
          objects >>= 1;
          --open;
          ++at;
          continue;
        }
        if (*at != ',') return nullptr;
        at = skip_space(at + 1, end);
      }
      opened = false;
      if (object) {
        if (at == end || *at != '"') return nullptr;
        string_traits traits;
        at = find_string_end(at + 1, end, traits);
        if (at == nullptr) return nullptr;
        at = skip_space(at + 1, end);
        if (at == end || *at != ':') return nullptr;
        at = skip_space(at + 1, end);
      }
      break;
    }
  }
}

bool unescape(std::string_view inside, std::string& out) {
  out.clear();
  const char* at = inside.data();
  const char* const end = at + inside.size();
  while (at != end) {
    const void* found = std::memchr(at, '\\', static_cast<std::size_t>(end - at));
    const char* next = found == nullptr ? end : static_cast<const char*>(found);
    out.append(at, next);
    if (next == end) return true;
    if (next[1] != 'u') {
      out.push_back(short_escape(next[1]));
      at = next + 2;
      continue;
    }
    unsigned code = hex_value(next + 2);
    at = next + 6;
    if (code >= 0xDC00 && code <= 0xDFFF) return false;
    if (code >= 0xD800 && code <= 0xDBFF) {
      if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return false;
      const unsigned low = hex_value(at + 2);
      if (low < 0xDC00 || low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      at += 6;
    }
    append_code_point(out, code);
  }
  return true;
}

std::size_t utf8_sequence(const char* at, const char* end) noexcept {
  const auto byte = [at](int index) { return static_cast<unsigned char>(at[index]); };
  const auto follows = [&](int index) { return (byte(index) & 0xC0) == 0x80; };
  const auto left = end - at;
  const unsigned char lead = byte(0);
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return left >= 2 && follows(1) ? 2 : 0;
  if (lead < 0xF0) {
    if (left < 3 || !follows(1) || !follows(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
    if (lead == 0xED && byte(1) > 0x9F) return 0;  // surrogate
    return 3;
  }
  if (lead > 0xF4 || left < 4 || !follows(1) || !follows(2) || !follows(3)) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;  // overlong
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;  // above U+10FFFF
  return 4;
}

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (end - at >= 8) {
      std::uint64_t block = 0;
      std::memcpy(&block, at, 8);
      if ((block & 0x8080808080808080U) == 0) {
        at += 8;
        continue;
      }
    }
    if (static_cast<unsigned char>(*at) < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = utf8_sequence(at, end);
    if (length == 0) break;
    at += length;
  }
  return static_cast<std::size_t>(at - text.data());
}

}  // namespace hubbub::inline v0::json_text
