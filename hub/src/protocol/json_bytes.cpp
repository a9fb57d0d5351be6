// Bytes in JSON: four characters for three bytes.
#include "json_bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include "json_text.hpp"

namespace hubbub::inline v0 {
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

}  // namespace

bool read_json_bytes(std::string_view text, bytes& output) {
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

}  // namespace hubbub::inline v0
