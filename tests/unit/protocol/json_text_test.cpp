// The text layer beneath the codecs: every code point, every length, both ways.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>

#include "code_points.hpp"
#include "vectors.hpp"

namespace hubbub::test {
namespace {

TEST(json_text, every_code_point_comes_back) {
  for (unsigned code = 0; code <= 0x10FFFF; ++code) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    const std::string text = "<" + utf8(code) + ">";
    const std::string encoded = written(text);
    ASSERT_EQ(bound<std::string>(encoded), text) << code;
    for (const char byte : encoded) ASSERT_GE(static_cast<unsigned char>(byte), 0x20) << code;
  }
}

TEST(json_text, every_code_point_can_be_escaped) {
  for (unsigned code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 17) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    ASSERT_EQ(bound<std::string>('"' + escaped(code) + '"'), utf8(code)) << code;
  }
}

TEST(json_text, strings_of_every_length_and_place_of_an_escape_come_back) {
  for (std::size_t size = 0; size < 40; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      for (const char* piece : {"\"", "\\", "\n", "\xC3\xA9", "\xE2\x80\xA8", "\xF0\x9F\x98\x80"}) {
        std::string text(size, 'x');
        text.insert(at, piece);
        ASSERT_EQ(bound<std::string>(written(text)), text);
      }
    }
  }
}

TEST(json_text, control_characters_are_found_at_every_place) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '\x1f';
      ASSERT_FALSE(converts<std::string>('"' + text + '"')) << size << " " << at;
      text[at] = '\xff';
      ASSERT_FALSE(converts<std::string>('"' + text + '"')) << size << " " << at;
    }
  }
}

TEST(json_text, whatever_is_written_is_utf8_and_reads_back) {
  std::mt19937 random(11);
  for (int round = 0; round < 20000; ++round) {
    std::string garbage(random() % 40, ' ');
    for (char& byte : garbage) byte = static_cast<char>(random() % 4 == 0 ? random() : 0xE0 + random() % 32);
    const std::string encoded = written(garbage);
    std::string mended;
    ASSERT_TRUE(binds(encoded, mended));  // binding checks the UTF-8
    ASSERT_EQ(written(mended), encoded);
  }
}

}  // namespace
}  // namespace hubbub::test
