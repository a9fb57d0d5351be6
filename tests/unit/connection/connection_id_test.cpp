// Public ids: their text form, their home, and that nobody can guess the next one.
#include "hubbub/connection/connection_id.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using hubbub::connection_id;

TEST(connection_id, text_and_back) {
  for (const unsigned home : {0u, 1u, 255u, 256u, 65535u}) {
    const connection_id id = connection_id::make(home);
    EXPECT_EQ(id.text().size(), 22u);
    EXPECT_EQ(id.home(), home);
    EXPECT_EQ(connection_id::parse(id.text()), id);
  }
}

TEST(connection_id, never_the_same_twice) {
  std::set<std::string> texts;
  std::set<std::uint64_t> hashes;
  for (int i = 0; i < 1000; ++i) {
    const connection_id id = connection_id::make(3);
    texts.insert(id.text());
    hashes.insert(id.hash());
  }
  EXPECT_EQ(texts.size(), 1000u);
  EXPECT_EQ(hashes.size(), 1000u);
}

TEST(connection_id, what_is_none_is_refused) {
  const std::string good = connection_id::make(1).text();
  for (const std::string& text :
       {std::string(), good.substr(1), good + "A", good.substr(0, 21) + "=", good.substr(0, 21) + " ",
        good.substr(0, 20) + "/A", std::string(22, '\0'), std::string(100'000, 'A')}) {
    EXPECT_FALSE(connection_id::parse(text).has_value()) << text.substr(0, 30);
  }
}

}  // namespace
