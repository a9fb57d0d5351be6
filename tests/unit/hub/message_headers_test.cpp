// Headers of messages: what both codecs leave of them for who asks.
#include "hubbub/hub/message_headers.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hubbub/protocol/hub_protocol.hpp"

namespace {

using namespace hubbub;
using headers = std::vector<message_headers::header>;

headers read(const hub_protocol& protocol, std::string_view encoded) {
  hub_message message;
  EXPECT_EQ(protocol.parse(encoded, message), parse_status::message);
  const message_headers found = read_headers(protocol, message.headers);
  return {found.begin(), found.end()};
}

TEST(headers_of_a_message, are_read_from_json) {
  const hub_protocol& json = json_hub_protocol();

  EXPECT_EQ(read(json, R"({"type":1,"headers":{"t":"a","\u0075 v":"\n\"x\""},"target":"x","arguments":[]})"),
            (headers{{"t", "a"}, {"u v", "\n\"x\""}}));
  EXPECT_EQ(read(json, R"({ "headers" : { "t" : "a" } , "arguments":[],"target":"x","type":1})"),
            (headers{{"t", "a"}}));
  EXPECT_EQ(read(json, R"({"type":1,"headers":{"t":"a"},"headers":{"u":"b"},"target":"x","arguments":[]})"),
            (headers{{"u", "b"}}));
  EXPECT_EQ(read(json, R"({"type":1,"headers":{"t":"a"},"headers":{},"target":"x","arguments":[]})"), headers{});
  EXPECT_EQ(read(json, R"({"type":4,"invocationId":"1","headers":{"t":""},"target":"x","arguments":[]})"),
            (headers{{"t", ""}}));
}

TEST(headers_of_a_message, are_read_from_messagepack) {
  const hub_protocol& packed = messagepack_hub_protocol();
  const auto invocation = [](const std::string& map) {
    return "\x95\x01" + map +
           "\xa1"
           "5\xa3"
           "Add\x90";
  };

  EXPECT_EQ(read(packed, invocation("\x82\xa1t\xa1"
                                    "a\xa1u\xa2"
                                    "bc")),
            (headers{{"t", "a"}, {"u", "bc"}}));
  EXPECT_EQ(read(packed, invocation("\x80")), headers{});
  EXPECT_EQ(read(packed, invocation("\xc0")), headers{});
  EXPECT_EQ(read(packed, invocation("\xde" + std::string("\0\1", 2) +
                                    "\xd9\x01t\xd9\x01"
                                    "a")),
            (headers{{"t", "a"}}));
}

TEST(headers_of_a_message, are_those_of_this_message) {
  hub_message message;
  ASSERT_EQ(json_hub_protocol().parse(R"({"type":1,"headers":{"t":"a"},"target":"x","arguments":[]})", message),
            parse_status::message);
  EXPECT_FALSE(message.headers.empty());

  ASSERT_EQ(json_hub_protocol().parse(R"({"type":1,"target":"x","arguments":[]})", message), parse_status::message);

  EXPECT_TRUE(message.headers.empty());
  EXPECT_TRUE(read_headers(json_hub_protocol(), message.headers).empty());
}

TEST(headers_of_a_message, are_found_by_their_exact_names_and_the_last_counts) {
  const message_headers some(headers{{"a", "1"}, {"b", "2"}, {"a", "3"}});

  EXPECT_EQ(some.size(), 3u);
  EXPECT_EQ(some.get("a"), "3");
  EXPECT_EQ(some.get("b"), "2");
  EXPECT_EQ(some.get("A"), std::nullopt);
  EXPECT_EQ(message_headers().get("a"), std::nullopt);
  EXPECT_TRUE(message_headers(headers{}).empty());
  EXPECT_EQ(message_headers().begin(), message_headers().end());
}

TEST(headers_of_a_message, tell_a_trace) {
  const std::string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  const auto both = message_headers(headers{{"traceparent", parent}, {"tracestate", "a=1"}}).trace();
  ASSERT_TRUE(both);
  EXPECT_EQ(both->traceparent(), parent);
  EXPECT_EQ(both->state, "a=1");
  EXPECT_TRUE(message_headers(headers{{"traceparent", parent}}).trace());
  EXPECT_FALSE(message_headers(headers{{"tracestate", "a=1"}}).trace());
  EXPECT_FALSE(message_headers(headers{{"traceparent", parent + "x"}}).trace());
  EXPECT_FALSE(message_headers().trace());
}

}  // namespace
