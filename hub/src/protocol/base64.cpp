// Base64: four characters for three bytes.
#include "base64.hpp"

#include <array>
#include <cstdint>

#include "json_text.hpp"

namespace hubbub::inline v0::base64 {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  for (auto& digit : digits) digit = no_digit;
  for (std::size_t value = 0; value < alphabet.size(); ++value) {
    digits[static_cast<unsigned char>(alphabet[value])] = static_cast<std::uint8_t>(value);
  }
  return digits;
}
constexpr std::array<std::uint8_t, 256> digits = make_digits();

constexpr char letter(std::uint32_t bits) noexcept { return alphabet[bits & 0x3F]; }

}  // namespace

void encode(bytes_view input, char* out) noexcept {
  const auto byte = [&](std::size_t index) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(input[index]));
  };
  std::size_t at = 0;
  for (; at + 3 <= input.size(); at += 3, out += 4) {
    const std::uint32_t group = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    out[0] = letter(group >> 18);
    out[1] = letter(group >> 12);
    out[2] = letter(group >> 6);
    out[3] = letter(group);
  }
  const std::size_t left = input.size() - at;
  if (left == 0) return;
  const std::uint32_t group = byte(at) << 16 | (left == 2 ? byte(at + 1) << 8 : 0U);
  out[0] = letter(group >> 18);
  out[1] = letter(group >> 12);
  out[2] = left == 2 ? letter(group >> 6) : '=';
  out[3] = '=';
}

bool decode(std::string_view text, bytes& output) {
  output.clear();
  output.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t group = 0;
  int filled = 0;
  int padding = 0;
  for (const char character : text) {
    const std::uint8_t digit = digits[static_cast<unsigned char>(character)];
    if (digit != no_digit) {
      if (padding != 0) return false;
      group = group << 6 | digit;
      if (++filled < 4) continue;
      for (const unsigned shift : {16U, 8U, 0U}) output.push_back(static_cast<std::byte>(group >> shift & 0xFF));
      group = 0;
      filled = 0;
    } else if (character == '=') {
      if (filled < 2 || filled + ++padding > 4) return false;
    } else if (!json_text::is_space(character)) {
      return false;
    }
  }
  if (filled == 0) return padding == 0;
  if (filled + padding != 4) return false;
  if (filled == 2) {
    output.push_back(static_cast<std::byte>(group >> 4 & 0xFF));
    return (group & 0x0F) == 0;
  }
  output.push_back(static_cast<std::byte>(group >> 10 & 0xFF));
  output.push_back(static_cast<std::byte>(group >> 2 & 0xFF));
  return (group & 0x03) == 0;
}

}  // namespace hubbub::inline v0::base64
