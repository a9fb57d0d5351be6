// The handshake: what is answered, with which bytes, and that nothing shares a transport message with it.
#include "suite.hpp"

namespace {

using namespace hub_story;
using hubbub::record_separator;

class handshake : public suite {
 protected:
  // The answer to these bytes, and that the connection ended.
  std::string refusal_of(const std::string& bytes) {
    client& one = on().arrive();
    one.say(bytes);
    EXPECT_EQ(one.wait_for_end(), end::finished);
    const std::vector<std::string> writes = one.writes();
    EXPECT_EQ(writes.size(), 1u);
    return writes.empty() ? "" : writes.front();
  }
  static std::string error(const std::string& text) { return R"({"error":")" + text + "\"}" + record_separator; }
};
HUB_STORY_CELLS(handshake);

TEST_P(handshake, is_answered_with_an_empty_object) {
  client& one = on().arrive();

  one.say(std::string(R"({"protocol":"json","version":1})") + record_separator);

  ASSERT_TRUE(on().wait([&] { return on().about.count_locked("connected " + one.id()) == 1; }, "on_connected"));
  EXPECT_EQ(one.writes(), (std::vector<std::string>{std::string("{}") + record_separator}));
}

TEST_P(handshake, names_compare_without_case_and_other_members_are_ignored) {
  client& one = on().arrive();

  one.say(std::string(R"({ "x": [1], "version": 0, "protocol": "JSON" } trailing)") + record_separator);

  EXPECT_EQ(one.call("Echo", {"a"}), completion("0", "a"));
}

TEST_P(handshake, may_come_byte_by_byte_and_messages_may_follow_at_once) {
  client& one = on().arrive();
  const std::string bytes = std::string(R"({"protocol":"json","version":1})") + record_separator +
                            R"({"type":1,"invocationId":"7","target":"echo","arguments":["early"]})" + record_separator;

  for (const char byte : bytes) one.say(std::string_view(&byte, 1));

  EXPECT_EQ(one.completion_of("7")["result"], "early");
}

TEST_P(handshake, shares_no_transport_message_with_what_follows) {
  client& one = on().arrive({.target = "/story?connected=send"});

  one.say(std::string(R"({"protocol":"json","version":1})") + record_separator +
          R"({"type":1,"invocationId":"7","target":"echo","arguments":["early"]})" + record_separator);

  std::ignore = one.completion_of("7");
  const std::vector<std::string> writes = one.writes();
  ASSERT_GE(writes.size(), 2u);
  EXPECT_EQ(writes[0], std::string("{}") + record_separator);
}

TEST_P(handshake, refuses_unknown_protocols_and_versions) {
  EXPECT_EQ(refusal_of(std::string(R"({"protocol":"xyz","version":1})") + record_separator),
            error("The protocol 'xyz' is not supported."));
  EXPECT_EQ(refusal_of(std::string(R"({"protocol":"xyz","version":9})") + record_separator),
            error("The protocol 'xyz' is not supported."));
  EXPECT_EQ(refusal_of(std::string(R"({"protocol":"json","version":3})") + record_separator),
            error("The server does not support version 3 of the 'json' protocol."));
}

TEST_P(handshake, refuses_what_is_none) {
  const std::string text = "An unexpected error occurred during connection handshake.";
  for (const char* bytes : {"", "[]", "not json", R"({"version":1})", R"({"protocol":"json"})", R"({"type":6})",
                            R"({"protocol":1,"version":1})", R"({"protocol":"json","version":"1"})"}) {
    EXPECT_EQ(refusal_of(bytes + std::string(1, record_separator)), error(text)) << bytes;
  }
}

TEST_P(handshake, tells_what_is_wrong_when_details_are_on) {
  set_up([](hubbub::hub_settings& settings) { settings.detailed_errors = true; });

  const std::string answer = refusal_of(std::string(R"({"version":1})") + record_separator);

  EXPECT_NE(answer.find("InvalidDataException: Missing required property 'protocol'."), std::string::npos) << answer;
}

TEST_P(handshake, larger_than_a_message_may_be_is_refused) {
  EXPECT_EQ(refusal_of(std::string(40'000, ' ')), error("Handshake was canceled."));
  EXPECT_EQ(refusal_of(std::string(40'000, ' ') + R"({"protocol":"json","version":1})" + record_separator),
            error("Handshake was canceled."));
}

TEST_P(handshake, runs_neither_hook_when_it_fails) {
  client& one = on().arrive();
  one.say(std::string("nonsense") + record_separator);
  std::ignore = one.wait_for_end();
  client& two = on().arrive();
  two.leave();
  on().settle();

  EXPECT_TRUE(on().about.journal().empty());
}

TEST_P(handshake, an_application_that_cannot_name_the_user_harms_its_own_connection_only) {
  for (const char* how : {"exception", "something%20else"}) {
    client& one = on().arrive({.target = std::string("/story?user=ok&throw=") + how});
    one.say(std::string(R"({"protocol":"json","version":1})") + record_separator);
    EXPECT_EQ(one.wait_for_end(), end::finished);
    EXPECT_EQ(one.writes(),
              (std::vector<std::string>{error("An unexpected error occurred during connection handshake.")}));
  }

  EXPECT_EQ(on().connect({.target = "/story?user=ok"}).result("UserId"), "ok");
}

}  // namespace
