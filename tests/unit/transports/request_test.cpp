// The request value: decoding, look-ups, and what a connection keeps of it.
#include "hubbub/connection/request.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using hubbub::request;

request get(std::string_view target) {
  request asked;
  EXPECT_TRUE(asked.set_line("GET", target, 11));
  return asked;
}

TEST(request, takes_a_target_apart) {
  const request plain = get("/chat");
  EXPECT_EQ(plain.path(), "/chat");
  EXPECT_EQ(plain.query_string(), "");

  const request full = get("/a%20b/%C3%A9+c?x=%20&y");
  EXPECT_EQ(full.path(), "/a b/\xc3\xa9+c") << "a plus is a plus in a path";
  EXPECT_EQ(full.query_string(), "x=%20&y");
  EXPECT_EQ(full.target(), "/a%20b/%C3%A9+c?x=%20&y");

  EXPECT_EQ(get("/a%2Fb/%2f?x=%2F").path(), "/a%2Fb/%2f") << "an encoded slash separates nothing";
  EXPECT_EQ(get("/a?x=%2F").query("x"), "/");

  EXPECT_EQ(get("http://host:1/x?y").path(), "/x");
  EXPECT_EQ(get("http://host:1?y").path(), "/");
  EXPECT_EQ(get("*").path(), "*");
}

TEST(request, refuses_a_path_that_cannot_be_decoded) {
  for (const char* target : {"/%", "/%4", "/%4g", "/%00", "/a%0", "nothing", ""}) {
    request asked;
    EXPECT_FALSE(asked.set_line("GET", target, 11)) << target;
  }
}

TEST(request, finds_query_items) {
  const request asked = get("/?id=1&&ID=2&empty=&bare&a%20b=c+d&broken=%zz&x=1=2&");

  EXPECT_EQ(asked.query("id"), "1");
  EXPECT_EQ(asked.query("Id"), "1");
  EXPECT_EQ(asked.query("empty"), "");
  EXPECT_EQ(asked.query("bare"), "");
  EXPECT_EQ(asked.query("a b"), "c d");
  EXPECT_EQ(asked.query("broken"), "%zz");
  EXPECT_EQ(asked.query("x"), "1=2");
  EXPECT_EQ(asked.query("i"), std::nullopt);
  EXPECT_EQ(asked.query(""), std::nullopt);
  EXPECT_EQ(asked.query_count("iD"), 2u);
  EXPECT_EQ(asked.query_count("none"), 0u);
}

TEST(request, keeps_only_what_it_is_told_to) {
  request asked = get("/chat?id=1");
  asked.add_header("Cookie", "secret");
  asked.add_header("X-Tenant", "blue");
  asked.add_header("x-tenant", "green");
  asked.append_body("body");
  asked.set_peer("127.0.0.1", 1234, true);

  asked.keep_only({"X-TENANT"});

  EXPECT_EQ(asked.path(), "/chat");
  EXPECT_EQ(asked.query("id"), "1");
  EXPECT_EQ(asked.headers("X-Tenant"), "blue, green");
  EXPECT_EQ(asked.header_count("X-Tenant"), 2u);
  EXPECT_EQ(asked.header("Cookie"), std::nullopt);
  EXPECT_EQ(asked.body(), "");
  EXPECT_EQ(asked.remote_address(), "127.0.0.1");
  EXPECT_EQ(asked.remote_port(), 1234);
  EXPECT_TRUE(asked.secure());
}

TEST(request, forgets_everything_when_cleared) {
  request asked = get("/chat?id=1");
  asked.add_header("A", "b");
  asked.set_peer("::1", 1, true);

  asked.clear();

  EXPECT_EQ(asked.method(), "");
  EXPECT_EQ(asked.path(), "");
  EXPECT_EQ(asked.header("A"), std::nullopt);
  EXPECT_EQ(asked.remote_address(), "");
  EXPECT_FALSE(asked.secure());
}

TEST(request, compares_without_regard_to_letter_case) {
  EXPECT_TRUE(hubbub::equals_ignoring_case("AbZ", "aBz"));
  EXPECT_TRUE(hubbub::equals_ignoring_case("", ""));
  EXPECT_FALSE(hubbub::equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(hubbub::equals_ignoring_case("@", "`")) << "only letters have a case";
  EXPECT_FALSE(hubbub::equals_ignoring_case("[", "{"));
}

}  // namespace
