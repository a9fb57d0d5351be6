// Base64 and base64url: the examples of RFC 4648, and everything that is not exactly that.
#include "hubbub/core/base64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "hubbub/core/random.hpp"

namespace {

using namespace hubbub;

TEST(base64, examples_of_the_standard) {
  const std::vector<std::pair<std::string, std::string>> examples{{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"},
                                                                  {"\xfb\xff", "+/8="}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base64_encoded(bytes), text);
    EXPECT_EQ(base64_decoded(text), bytes);
  }
  EXPECT_EQ(base64url_encoded("\xfb\xff"), "-_8");
  EXPECT_EQ(base64url_decoded("-_8"), "\xfb\xff");
}

TEST(base64, refuses_what_it_would_not_write) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zg==\n", " Zg==", "Z===", "====", "-_8=", "Zm=v"}) {
    EXPECT_FALSE(base64_decoded(text).has_value()) << text;
  }
  for (const char* text : {"Z", "Zg==", "Zh", "Zm9", "+/8", "Zm 9v"}) {
    EXPECT_FALSE(base64url_decoded(text).has_value()) << text;
  }
}

TEST(base64, what_was_written_is_read_for_every_length) {
  for (std::size_t size = 0; size < 100; ++size) {
    std::string bytes(size, '\0');
    random_bytes(bytes.data(), bytes.size());
    EXPECT_EQ(base64_encoded(bytes).size(), base64_size(size));
    EXPECT_EQ(base64_decoded(base64_encoded(bytes)), bytes);
    const std::string text = base64url_encoded(bytes);
    EXPECT_EQ(base64url_bytes(text.size()), size);
    EXPECT_EQ(base64url_decoded(text), bytes);
    std::string room(size, '\0');
    EXPECT_TRUE(read_base64url(room.data(), text));
    EXPECT_EQ(room, bytes);
  }
}

TEST(random, gives_different_bytes_and_as_many_as_asked) {
  std::string large(5000, '\0');
  random_bytes(large.data(), large.size());

  EXPECT_NE(large.find_first_not_of('\0'), std::string::npos);
  EXPECT_NE(large.substr(2500), large.substr(0, 2500));
  EXPECT_NE(random_u64(), random_u64());
}

}  // namespace
