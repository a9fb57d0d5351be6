// Code points as UTF-8 and as JSON escapes, written down a second time to test the first.
#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace hubbub::test {

inline std::string utf8(unsigned code) {
  const auto byte = [](unsigned bits) { return static_cast<char>(bits); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 + code / 64), byte(0x80 + code % 64)};
  if (code < 0x10000) return {byte(0xE0 + code / 4096), byte(0x80 + code / 64 % 64), byte(0x80 + code % 64)};
  return {byte(0xF0 + code / 262144), byte(0x80 + code / 4096 % 64), byte(0x80 + code / 64 % 64),
          byte(0x80 + code % 64)};
}

inline std::string escaped_unit(unsigned unit) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", unit & 0xFFFFU);
  return text.data();
}

inline std::string escaped(unsigned code) {
  if (code < 0x10000) return escaped_unit(code);
  return escaped_unit(0xD800 + (code - 0x10000) / 1024) + escaped_unit(0xDC00 + (code - 0x10000) % 1024);
}

}  // namespace hubbub::test
