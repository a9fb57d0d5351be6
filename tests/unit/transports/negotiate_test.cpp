// The version table and the bodies of negotiation (transports.md, 3).
#include "negotiate/negotiate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using hubbub::negotiate_body;
using hubbub::request;

request asked(const std::string& query) {
  request out;
  out.set_line("POST", "/chat/negotiate" + query, 11);
  return out;
}

TEST(negotiate, chooses_a_version) {
  struct row {
    const char* query;
    int version;
  };
  constexpr row rows[] = {
      {"", 0},
      {"?other=1", 0},
      {"?negotiateVersion=0", 0},
      {"?negotiateVersion=-0", 0},
      {"?negotiateVersion=1", 1},
      {"?NegotiateVersion=1", 1},
      {"?negotiateVersion=2", 1},
      {"?negotiateVersion=2147483647", 1},
      {"?negotiateVersion=%2B1", 1},
      {"?negotiateVersion=%201%20", 1},
      {"?negotiateVersion=+1", 1},
      {"?negotiateVersion=01", 1},
  };
  for (const row& one : rows) {
    const auto choice = hubbub::choose_negotiate_version(asked(one.query));
    EXPECT_EQ(choice.error, "") << one.query;
    EXPECT_EQ(choice.version, one.version) << one.query;
  }
}

TEST(negotiate, refuses_what_is_no_integer) {
  for (const char* query : {"?negotiateVersion=", "?negotiateVersion", "?negotiateVersion=x", "?negotiateVersion=1.0",
                            "?negotiateVersion=1x", "?negotiateVersion=0x1", "?negotiateVersion=2147483648",
                            "?negotiateVersion=-2147483649", "?negotiateVersion=1&negotiateVersion=1",
                            "?negotiateVersion=1&NEGOTIATEVERSION=0", "?negotiateVersion=%2B-1",
                            "?negotiateVersion=%2B", "?negotiateVersion=1%202"}) {
    EXPECT_EQ(hubbub::choose_negotiate_version(asked(query)).error,
              "The client requested a non-integer protocol version.")
        << query;
  }
}

TEST(negotiate, refuses_what_is_below_the_minimum) {
  const auto error = [](const char* query, int minimum) {
    return hubbub::choose_negotiate_version(asked(query), minimum).error;
  };
  const auto text = [](const std::string& version) {
    return "The client requested version '" + version + "', but the server does not support this version.";
  };

  EXPECT_EQ(error("?negotiateVersion=-1", 0), text("-1"));
  EXPECT_EQ(error("?negotiateVersion=-2147483648", 0), text("-2147483648"));
  EXPECT_EQ(error("?negotiateVersion=0", 1), text("0"));
  EXPECT_EQ(error("", 1), text("0"));
  EXPECT_EQ(error("?negotiateVersion=1", 1), "");
}

TEST(negotiate, answers_version_1) {
  EXPECT_EQ(negotiate_body(1, {"id", "token"}, {true, true, true}),
            R"({"negotiateVersion":1,"connectionId":"id","connectionToken":"token","availableTransports":[)"
            R"({"transport":"WebSockets","transferFormats":["Text","Binary"]},)"
            R"({"transport":"ServerSentEvents","transferFormats":["Text"]},)"
            R"({"transport":"LongPolling","transferFormats":["Text","Binary"]}]})");
}

TEST(negotiate, answers_version_0_without_a_token) {
  EXPECT_EQ(negotiate_body(0, {"id", "token"}, {true, false, false}),
            R"({"negotiateVersion":0,"connectionId":"id","availableTransports":[)"
            R"({"transport":"WebSockets","transferFormats":["Text","Binary"]}]})");
}

TEST(negotiate, lists_what_the_endpoint_enables) {
  EXPECT_EQ(negotiate_body(0, {"id", ""}, {false, false, true}),
            R"({"negotiateVersion":0,"connectionId":"id","availableTransports":[)"
            R"({"transport":"LongPolling","transferFormats":["Text","Binary"]}]})");
  EXPECT_EQ(negotiate_body(0, {"id", ""}, {false, false, false}),
            R"({"negotiateVersion":0,"connectionId":"id","availableTransports":[]})");
}

TEST(negotiate, says_that_reconnects_are_stateful_only_when_they_are) {
  EXPECT_TRUE(negotiate_body(1, {"id", "token"}, {}, true)
                  .starts_with(R"({"useStatefulReconnect":true,"negotiateVersion":1,"connectionId":"id",)"));
  EXPECT_EQ(negotiate_body(1, {"id", "token"}, {}, false).find("useStatefulReconnect"), std::string::npos);

  EXPECT_TRUE(hubbub::asks_for_stateful_reconnect(asked("?useStatefulReconnect=true")));
  EXPECT_TRUE(hubbub::asks_for_stateful_reconnect(asked("?UseStatefulReconnect=TRUE")));
  EXPECT_TRUE(hubbub::asks_for_stateful_reconnect(asked("?useStatefulReconnect=%20true%09")));
  EXPECT_FALSE(hubbub::asks_for_stateful_reconnect(asked("?useStatefulReconnect=1")));
  EXPECT_FALSE(hubbub::asks_for_stateful_reconnect(asked("?useStatefulReconnect=true&useStatefulReconnect=true")));
  EXPECT_FALSE(hubbub::asks_for_stateful_reconnect(asked("?useStatefulReconnect=false")));
  EXPECT_FALSE(hubbub::asks_for_stateful_reconnect(asked("")));
}

TEST(negotiate, refuses_with_a_json_text) {
  EXPECT_EQ(hubbub::negotiate_error_body("No \"room\"\\\n"), R"({"error":"No \"room\"\\\u000a"})");
}

}  // namespace
