// Character classes of HTTP (RFC 9110, 5.6) and small things done with header values.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "hubbub/connection/request.hpp"

namespace hubbub::inline v0 {

namespace http_text {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
inline constexpr std::array<bool, 256> token_table = make_token_table();

/// True for a character of a token: methods and header names are made of them.
[[nodiscard]] constexpr bool is_token_char(char c) noexcept { return token_table[static_cast<unsigned char>(c)]; }

/// True for a token.
[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!is_token_char(c)) return false;
  }
  return true;
}

/// True when text holds no control character but tabs: what may stand in a header value.
[[nodiscard]] inline bool is_field_text(std::string_view text) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101u;
  constexpr std::uint64_t tops = 0x8080808080808080u;
  const auto is_fine = [](char c) { return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t'; };
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, 8);
    const std::uint64_t del = eight ^ (ones * 0x7f);
    // Bytes below 0x20, and bytes that are 0x7f (a zero in `del`); exact as "is there any".
    const std::uint64_t odd = ((eight - ones * 0x20) & ~eight & tops) | ((del - ones) & ~del & tops);
    if (odd == 0) continue;
    for (int i = 0; i < 8; ++i) {
      if (!is_fine(at[i])) return false;
    }
  }
  for (; left > 0; --left, ++at) {
    if (!is_fine(*at)) return false;
  }
  return true;
}

/// Cuts spaces and tabs off both ends.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// True when a comma-separated list has that element, whatever its letter case.
[[nodiscard]] inline bool list_has(std::string_view list, std::string_view element) noexcept {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (equals_ignoring_case(trimmed(list.substr(0, comma)), element)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace http_text

}  // namespace hubbub::inline v0
