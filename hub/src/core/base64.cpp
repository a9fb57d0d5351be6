// Base64 and base64url, strict in reading: one text for one value.
#include "hubbub/core/base64.hpp"

#include <array>
#include <cstdint>

namespace hubbub::inline v0 {

namespace {

constexpr std::string_view plain_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> values_of(std::string_view alphabet) {
  std::array<std::int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto plain_values = values_of(plain_alphabet);
constexpr auto url_values = values_of(url_alphabet);

// Writes the characters that carry bits, no padding; returns their number.
std::size_t encode(char* room, const unsigned char* from, std::size_t size, std::string_view alphabet) noexcept {
  char* to = room;
  for (; size >= 3; size -= 3, from += 3) {
    const unsigned bits = from[0] * 65536u + from[1] * 256u + from[2];
    for (int shift = 18; shift >= 0; shift -= 6) *to++ = alphabet[(bits >> shift) & 63];
  }
  if (size == 1) {
    *to++ = alphabet[from[0] >> 2];
    *to++ = alphabet[(from[0] & 3u) << 4];
  } else if (size == 2) {
    *to++ = alphabet[from[0] >> 2];
    *to++ = alphabet[((from[0] & 3u) << 4) | (from[1] >> 4)];
    *to++ = alphabet[(from[1] & 15u) << 2];
  }
  return static_cast<std::size_t>(to - room);
}

// Decodes characters without padding; false for a foreign character, an impossible length or spare bits.
bool decode(char* to, std::string_view text, const std::array<std::int8_t, 256>& values) noexcept {
  if (text.size() % 4 == 1) return false;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const int value = values[static_cast<unsigned char>(c)];
    if (value < 0) return false;
    bits = (bits << 6) | static_cast<unsigned>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      *to++ = static_cast<char>((bits >> count) & 0xff);
      bits &= (1u << count) - 1;
    }
  }
  return bits == 0;
}

std::optional<std::string> decoded(std::string_view text, const std::array<std::int8_t, 256>& values) {
  std::string out(base64url_bytes(text.size()), '\0');
  if (!decode(out.data(), text, values)) return std::nullopt;
  return out;
}

}  // namespace

std::size_t write_base64(char* room, const void* data, std::size_t size) noexcept {
  std::size_t wrote = encode(room, static_cast<const unsigned char*>(data), size, plain_alphabet);
  while (wrote % 4 != 0) room[wrote++] = '=';
  return wrote;
}

std::string base64_encoded(std::string_view bytes) {
  std::string out(base64_size(bytes.size()), '\0');
  write_base64(out.data(), bytes.data(), bytes.size());
  return out;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  return decoded(text, plain_values);
}

std::string base64url_encoded(std::string_view bytes) {
  std::string out(base64_size(bytes.size()), '\0');
  out.resize(encode(out.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), url_alphabet));
  return out;
}

std::optional<std::string> base64url_decoded(std::string_view text) { return decoded(text, url_values); }

bool read_base64url(char* room, std::string_view text) noexcept { return decode(room, text, url_values); }

}  // namespace hubbub::inline v0
