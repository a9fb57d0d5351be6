// Origins: who may open a WebSocket, who may read an answer.
#include "http/cors.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using hubbub::origin_policy;
using hubbub::request;
using headers = std::vector<std::pair<std::string, std::string>>;

request asked_by(const char* origin, const char* host = "here:5000", const char* method = "GET") {
  request asked;
  asked.set_line(method, "/", 11);
  asked.add_header("Host", host);
  if (origin != nullptr) asked.add_header("Origin", origin);
  return asked;
}

TEST(origins, that_come_twice_are_none) {
  request twice = asked_by("http://here:5000");
  twice.add_header("Origin", "http://here:5000");
  hubbub::response answer;

  EXPECT_FALSE(origin_policy::any().allows(twice, ""));
  origin_policy::any().add_headers(twice, answer);

  EXPECT_EQ(answer.headers, (headers{{"Vary", "Origin"}}));
}

TEST(origins, are_compared_with_the_host) {
  struct pair {
    const char* origin;
    const char* host;
    bool same;
  };
  constexpr pair pairs[] = {
      {"http://here:5000", "here:5000", true},
      {"https://HERE:5000", "here:5000", true},
      {"https://here", "here", true},
      {"https://here", "here:443", true},
      {"http://here:80", "here", true},
      {"http://[::1]:5000", "[::1]:5000", true},
      {"http://[::1]", "[::1]", true},
      {"http://here", "here:5000", false},
      {"http://here:5001", "here:5000", false},
      {"http://there:5000", "here:5000", false},
      {"http://here.evil", "here", false},
      {"http://evil.here", "here", false},
      {"null", "here", false},
      {"null", "null", false},
      {"", "", false},
      {"here:5000", "here:5000", false},
      {"://here", "here", false},
      {"http://", "", false},
      {"http://here@evil", "here", false},
      {"http://here/", "here", false},
      {"http://[::1]", "[::2]", false},
  };
  for (const pair& one : pairs) {
    EXPECT_EQ(hubbub::is_same_host(one.origin, one.host), one.same) << one.origin << " at " << one.host;
  }
}

TEST(origins, of_the_same_host_are_allowed_by_default) {
  const origin_policy policy;

  EXPECT_TRUE(policy.allows(asked_by(nullptr)));
  EXPECT_TRUE(policy.allows(asked_by("http://here:5000")));
  EXPECT_FALSE(policy.allows(asked_by("http://app.example")));
  EXPECT_FALSE(policy.allows(asked_by("null")));
  EXPECT_FALSE(policy.allows(asked_by("")));
}

// Not those of the same host: a browser that asks first does not take the answer for one of its own page.
TEST(origins, of_a_list_alone_may_read_answers) {
  const origin_policy policy({"http://app.example"});

  EXPECT_TRUE(policy.shares_with(asked_by(nullptr)));
  EXPECT_TRUE(policy.shares_with(asked_by("http://app.example")));
  EXPECT_FALSE(policy.shares_with(asked_by("https://here:5000")));
  EXPECT_FALSE(policy.shares_with(asked_by("http://other.example")));
  EXPECT_FALSE(policy.shares_with(asked_by("")));
  EXPECT_TRUE(origin_policy::any().shares_with(asked_by("http://other.example")));
}

TEST(origins, of_a_list_are_allowed_too) {
  const origin_policy policy({"http://app.example", "https://other.example:443"});

  EXPECT_TRUE(policy.allows(asked_by("http://app.example")));
  EXPECT_TRUE(policy.allows(asked_by("HTTP://APP.EXAMPLE:80")));
  EXPECT_TRUE(policy.allows(asked_by("https://other.example")));
  EXPECT_TRUE(policy.allows(asked_by("http://here:5000")));
  EXPECT_FALSE(policy.allows(asked_by("https://app.example"))) << "another scheme is another origin";
  EXPECT_FALSE(policy.allows(asked_by("http://app.example:8080")));
  EXPECT_FALSE(policy.allows(asked_by("http://app.example.evil")));
  EXPECT_FALSE(policy.allows(asked_by("http://sub.app.example")));
}

TEST(origins, may_all_be_allowed) {
  EXPECT_TRUE(origin_policy::any().allows(asked_by("http://anywhere")));
  EXPECT_TRUE(origin_policy({"*"}).allows(asked_by("http://anywhere")));
}

TEST(origins, that_are_none_are_refused_at_the_start) {
  for (const char* text : {"", "app.example", "http://app.example/", "http://app.example/x", "http://", "http://a:b",
                           "http://a:", "http://u@a", "http://*.example", "null"}) {
    EXPECT_THROW(origin_policy({text}), std::invalid_argument) << text;
  }
}

TEST(cors, knows_a_preflight) {
  request asked = asked_by("http://app.example", "here", "OPTIONS");
  EXPECT_FALSE(origin_policy::is_preflight(asked));

  asked.add_header("Access-Control-Request-Method", "POST");
  EXPECT_TRUE(origin_policy::is_preflight(asked));

  request get = asked_by("http://app.example");
  get.add_header("Access-Control-Request-Method", "POST");
  EXPECT_FALSE(origin_policy::is_preflight(get));
}

request preflight_by(const char* origin) {
  request asked = asked_by(origin, "here", "OPTIONS");
  asked.add_header("Access-Control-Request-Method", "DELETE");
  asked.add_header("Access-Control-Request-Headers", "authorization,x-requested-with");
  return asked;
}

TEST(cors, echoes_what_an_allowed_preflight_asks) {
  const origin_policy policy({"http://app.example"});

  const hubbub::response answer = policy.preflight(preflight_by("http://app.example"));

  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.headers, (headers{{"Vary", "Origin"},
                                     {"Access-Control-Allow-Origin", "http://app.example"},
                                     {"Access-Control-Allow-Credentials", "true"},
                                     {"Access-Control-Allow-Methods", "DELETE"},
                                     {"Access-Control-Allow-Headers", "authorization,x-requested-with"}}));
}

TEST(cors, tells_a_foreign_preflight_nothing) {
  const origin_policy policy({"http://app.example"});

  const hubbub::response answer = policy.preflight(preflight_by("http://evil.example"));

  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.headers, (headers{{"Vary", "Origin"}}));
  EXPECT_EQ(origin_policy().preflight(preflight_by("http://evil.example")).headers, headers{});
}

TEST(cors, marks_every_answer) {
  const origin_policy policy({"http://app.example"});
  const auto marks = [&](const char* origin) {
    hubbub::response answer;
    policy.add_headers(asked_by(origin), answer);
    return answer.headers;
  };

  EXPECT_EQ(marks("http://app.example"), (headers{{"Vary", "Origin"},
                                                  {"Access-Control-Allow-Origin", "http://app.example"},
                                                  {"Access-Control-Allow-Credentials", "true"}}));
  EXPECT_EQ(marks("http://evil.example"), (headers{{"Vary", "Origin"}}));
  EXPECT_EQ(marks("null"), (headers{{"Vary", "Origin"}}));
  EXPECT_EQ(marks(nullptr), (headers{{"Vary", "Origin"}})) << "a cache must not give it to a page";
}

}  // namespace
