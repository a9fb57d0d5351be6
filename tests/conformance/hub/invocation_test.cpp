// What comes back from a call: values, errors with their exact texts, and nothing where no answer is wanted.
#include <cmath>
#include <set>

#include "suite.hpp"

namespace {

using namespace hub_story;

class invocations : public suite {};
HUB_STORY_CELLS(invocations);

TEST_P(invocations, give_their_value) {
  client& one = on().connect();

  EXPECT_EQ(one.call("Echo", {"hello"}), completion("0", "hello"));
  EXPECT_EQ(one.call("AddNumbers", {2, 3}), completion("1", 5));
  EXPECT_EQ(one.call("EchoNote", {{{"text", "t"}, {"stars", 4}, {"unknown", 1}}}),
            completion("2", {{"text", "t"}, {"stars", 4}}));
  EXPECT_EQ(one.call("EchoLater", {"later"}), completion("3", "later"));
  EXPECT_EQ(one.call("EchoByReference", {std::string(100, 'r')}), completion("4", std::string(100, 'r')));
  EXPECT_EQ(one.call("ReadFile"), completion("5", "from the pool"));
}

TEST_P(invocations, give_null_where_the_result_is_null_or_nothing) {
  client& one = on().connect();

  EXPECT_EQ(one.call("EchoMaybe", {nullptr}), completion("0", nullptr));
  EXPECT_EQ(one.call("Nothing"), completion("1", nullptr));
  on().about.open("nothing later");
  EXPECT_EQ(one.call("NothingLater"), completion("2", nullptr));
}

TEST_P(invocations, are_completed_in_these_bytes) {
  client& one = on().connect();

  std::ignore = one.call("AddNumbers", {2, 3});
  std::ignore = one.call("Nothing");
  std::ignore = one.call("Fail", {"no"});

  const std::vector<std::string> writes = one.writes();
  const std::string error = "An unexpected error occurred invoking 'Fail' on the server. HubException: no";
  const std::vector<std::string> as_json = {
      "{\"type\":3,\"invocationId\":\"0\",\"result\":5}\x1e",
      "{\"type\":3,\"invocationId\":\"1\",\"result\":null}\x1e",
      "{\"type\":3,\"invocationId\":\"2\",\"error\":\"" + error + "\"}\x1e",
  };
  const std::vector<std::string> as_messagepack = {
      "\x07\x95\x03\x80\xa1\x30\x03\x05",
      "\x07\x95\x03\x80\xa1\x31\x03\xc0",
      "\x54\x95\x03\x80\xa1\x32\x01\xd9\x4c" + error,
  };
  ASSERT_EQ(writes.size(), 4u);
  EXPECT_EQ(std::vector<std::string>(writes.begin() + 1, writes.end()), speaks_json() ? as_json : as_messagepack);
}

TEST_P(invocations, find_methods_without_regard_to_case_and_underscores) {
  client& one = on().connect();

  for (const char* name : {"AddNumbers", "addNumbers", "add_numbers", "ADDNUMBERS", "_Add_Numbers_"}) {
    EXPECT_EQ(one.result(name, {1, 1}), 2) << name;
  }
  EXPECT_EQ(one.result("connectionid"), one.id());
}

TEST_P(invocations, without_an_id_get_no_answer_not_even_an_error) {
  client& one = on().connect();

  one.tell("Nothing");
  one.tell("Fail", {"no"});
  one.tell("Crash");
  one.tell("NoSuchMethod");
  one.tell("AddNumbers", {"x"});
  one.tell("Kick");
  one.tell("EchoLater", {"a"});
  one.tell("FailLater", {"no"});
  one.say_message({{"type", 1}, {"invocationId", ""}, {"target", "Nothing"}, {"arguments", json::array()}});
  EXPECT_EQ(one.result("Echo", {"after"}), "after");

  EXPECT_EQ(one.news(), (std::vector<json>{completion("0", "after")}));
  EXPECT_EQ(on().about.count("nothing"), 2);
}

TEST_P(invocations, of_an_unknown_method_name_it_as_it_was_sent) {
  client& one = on().connect();
  const auto text = [](const std::string& name) {
    return "Failed to invoke '" + name + "' due to an error on the server. HubException: Method does not exist.";
  };

  EXPECT_EQ(one.error("noSuch_Method"), text("noSuch_Method"));
  EXPECT_EQ(one.error("on_connected"), text("on_connected"));
  EXPECT_EQ(one.error("Abort_Me"), text("Abort_Me"));
  EXPECT_EQ(one.error(std::string(1000, 'x')), text(std::string(1000, 'x')));
}

TEST_P(invocations, of_no_name_are_of_an_unknown_method_in_json_and_no_message_in_messagepack) {
  set_up([](hubbub::hub_settings& settings) { settings.detailed_errors = true; });
  client& one = on().connect();

  one.begin("");

  const json answer = one.next();
  if (speaks_json()) {
    EXPECT_EQ(answer, failure("0",
                              "Failed to invoke '' due to an error on the server. HubException: Method does not "
                              "exist."));
  } else {
    EXPECT_EQ(answer, closed_with_error(" InvalidDataException: Null or empty target for Invocation message."));
    EXPECT_EQ(one.wait_for_end(), end::finished);
  }
}

TEST_P(invocations, whose_arguments_do_not_fit_say_so_and_no_more) {
  client& one = on().connect();
  const std::string text = "Failed to invoke 'AddNumbers' due to an error on the server.";

  for (const json& arguments : {json::array(), json{1}, json{1, 2, 3}, json{1, "2"}, json{1, 2.5}, json{1, nullptr},
                                json{true, 1}, json{json::array(), 1}, json{1, 4294967296}}) {
    EXPECT_EQ(one.error("addnumbers", arguments), text) << arguments;
  }
  EXPECT_EQ(one.result("AddNumbers", {1, 2}), 3);
}

TEST_P(invocations, tell_what_did_not_fit_when_details_are_on) {
  set_up([](hubbub::hub_settings& settings) { settings.detailed_errors = true; });
  client& one = on().connect();
  const std::string begin = "Failed to invoke 'AddNumbers' due to an error on the server. InvalidDataException: ";
  const std::string binding =
      "Error binding arguments. Make sure that the types of the provided values match the types of the hub method "
      "being invoked.";

  EXPECT_EQ(one.error("AddNumbers", {1}), begin + "Invocation provides 1 argument(s) but target expects 2.");
  EXPECT_EQ(one.error("AddNumbers", {"x", 2, 3}), begin + "Invocation provides 3 argument(s) but target expects 2.");
  EXPECT_EQ(one.error("AddNumbers", {{1, 2}, {3}, {4}}),
            begin + "Invocation provides 3 argument(s) but target expects 2.");
  EXPECT_EQ(one.error("AddNumbers", {"x", 2}), begin + binding);
  EXPECT_EQ(one.error("AddNumbers", {{{"a", 1}}, 2}), begin + binding);
  EXPECT_EQ(one.error("Nothing", {1}),
            "Failed to invoke 'Nothing' due to an error on the server. InvalidDataException: Invocation provides 1 "
            "argument(s) but target expects 0.");
}

TEST_P(invocations, that_throw_a_hub_error_show_its_text) {
  client& one = on().connect();

  EXPECT_EQ(one.error("fail", {"no \"way\""}),
            "An unexpected error occurred invoking 'Fail' on the server. HubException: no \"way\"");
  EXPECT_EQ(one.error("FailLater", {"later"}),
            "An unexpected error occurred invoking 'FailLater' on the server. HubException: later");
}

TEST_P(invocations, that_throw_a_hub_error_show_its_text_behind_a_nul_too) {
  static_assert(std::is_nothrow_copy_constructible_v<hubbub::hub_error>);
  const std::string text("no\0way", 6);
  client& one = on().connect();

  EXPECT_EQ(one.error("Fail", {text}),
            "An unexpected error occurred invoking 'Fail' on the server. HubException: " + text);
  EXPECT_EQ(one.error("FailLater", {text}),
            "An unexpected error occurred invoking 'FailLater' on the server. HubException: " + text);
}

TEST_P(invocations, that_throw_anything_else_hide_its_text_and_log_it) {
  client& one = on().connect();

  EXPECT_EQ(one.error("Crash"), "An unexpected error occurred invoking 'Crash' on the server.");
  EXPECT_EQ(one.error("CrashLater"), "An unexpected error occurred invoking 'CrashLater' on the server.");
  EXPECT_EQ(one.error("CrashOddly"), "An unexpected error occurred invoking 'CrashOddly' on the server.");

  for (const std::string& written : one.writes()) EXPECT_EQ(written.find("secret"), std::string::npos);
  EXPECT_EQ(on().log->count("StoryHub.Crash threw std::runtime_error: secret-7f3a"), 1u);
  EXPECT_EQ(on().log->count("StoryHub.CrashLater threw std::logic_error: secret-7f3a"), 1u);
  EXPECT_EQ(on().log->count("StoryHub.CrashOddly threw"), 1u);
}

TEST_P(invocations, that_throw_show_type_and_text_when_details_are_on) {
  set_up([](hubbub::hub_settings& settings) { settings.detailed_errors = true; });
  client& one = on().connect();

  EXPECT_EQ(one.error("Crash"),
            "An unexpected error occurred invoking 'Crash' on the server. std::runtime_error: secret-7f3a");
  EXPECT_EQ(one.error("Fail", {"no"}), "An unexpected error occurred invoking 'Fail' on the server. HubException: no");
}

TEST_P(invocations, whose_result_cannot_be_written_fail_and_the_connection_goes_on) {
  client& one = on().connect();

  if (speaks_json()) {
    EXPECT_EQ(one.error("NotANumber"), "An unexpected error occurred invoking 'NotANumber' on the server.");
    EXPECT_EQ(one.error("NotANumberLater"), "An unexpected error occurred invoking 'NotANumberLater' on the server.");
  } else {  // which can have them
    EXPECT_TRUE(std::isnan(one.result("NotANumber").get<double>()));
    EXPECT_TRUE(std::isinf(one.result("NotANumberLater").get<double>()));
  }
  EXPECT_EQ(one.error("BroadcastNotANumber"),
            "An unexpected error occurred invoking 'BroadcastNotANumber' on the server.");
  EXPECT_EQ(one.result("NotUtf8"),
            "a\xef\xbf\xbd"
            "b");
}

TEST_P(invocations, of_the_wrong_kind_are_refused) {
  client& one = on().connect();
  const auto send = [&](int type, const char* id, const char* target, json arguments, json streams) {
    json message{{"type", type}, {"invocationId", id}, {"target", target}, {"arguments", std::move(arguments)}};
    if (!streams.empty()) message["streamIds"] = std::move(streams);
    one.say_message(message);
    return one.completion_of(id);
  };

  EXPECT_EQ(
      send(4, "a", "nothing", json::array(), json::array()),
      failure("a", "The client attempted to invoke the non-streaming 'Nothing' method with a streaming invocation."));
  EXPECT_EQ(send(1, "b", "nothing", json::array(), {"s1", "s2"}),
            failure("b",
                    "An unexpected error occurred invoking 'Nothing' on the server. HubException: Client sent 2 "
                    "stream(s), Hub method expects 0."));
  EXPECT_EQ(send(4, "c", "AddNumbers", {1}, json::array()),
            failure("c", "Failed to invoke 'AddNumbers' due to an error on the server."));
  EXPECT_EQ(
      send(4, "d", "nope", {1}, json::array()),
      failure("d", "Failed to invoke 'nope' due to an error on the server. HubException: Method does not exist."));
  EXPECT_EQ(send(4, "e", "Kick", json::array(), json::array()),
            failure("e", "Failed to invoke 'Kick' because user is unauthorized"));
  EXPECT_EQ(on().about.count("nothing"), 0);
}

TEST_P(invocations, need_the_roles_their_methods_name) {
  client& stranger = on().connect();
  client& member = on().connect({.known = true});
  client& editor = on().connect({.roles = {"editor"}});
  client& admin = on().connect({.roles = {"reader", "admin"}});
  const auto refused = [](const std::string& name) {
    return "Failed to invoke '" + name + "' because user is unauthorized";
  };

  EXPECT_EQ(stranger.error("members"), refused("Members"));
  EXPECT_EQ(stranger.error("Kick"), refused("Kick"));
  EXPECT_EQ(stranger.error("eitherRole"), refused("EitherRole"));
  EXPECT_EQ(stranger.result("Anybody"), "anybody");
  EXPECT_EQ(member.result("Members"), "members");
  EXPECT_EQ(member.error("Kick"), refused("Kick"));
  EXPECT_EQ(editor.error("Kick"), refused("Kick"));
  EXPECT_EQ(editor.result("EitherRole"), "either");
  EXPECT_EQ(admin.result("Kick"), "granted");
  EXPECT_EQ(admin.result("EitherRole"), "either");
}

TEST_P(invocations, need_what_the_policies_of_their_methods_demand) {
  client& stranger = on().connect();
  client& child = on().connect({.known = true});
  client& adult = on().connect({.roles = {"adult"}});

  EXPECT_EQ(stranger.error("Adults"), "Failed to invoke 'Adults' because user is unauthorized");
  EXPECT_EQ(child.error("Adults"), "Failed to invoke 'Adults' because user is unauthorized");
  EXPECT_EQ(adult.result("Adults"), "anybody");
}

TEST_P(invocations, keep_state_in_the_hub_object_and_in_items) {
  client& one = on().connect();
  client& two = on().connect();

  EXPECT_EQ(one.result("CountUp"), 1);
  EXPECT_EQ(one.result("CountUp"), 2);
  EXPECT_EQ(two.result("CountUp"), 1);
  std::ignore = one.call("Remember", {"name", "Ada"});
  EXPECT_EQ(one.result("Recall", {"name"}), "Ada");
  EXPECT_EQ(two.result("Recall", {"name"}), "nothing");
}

TEST_P(invocations, see_who_called_and_with_which_request) {
  set_up([](hubbub::hub_settings& settings) { settings.kept_headers = {"x-kept"}; });
  client& one = on().connect({.target = "/story%20room?user=Ada&room=blue%20room"});
  client& two = on().connect();

  EXPECT_EQ(one.result("ConnectionId"), one.id());
  EXPECT_EQ(one.result("UserId"), "Ada");
  EXPECT_EQ(two.result("UserId"), "");
  EXPECT_EQ(one.result("MyRequest"), "/story room blue room 127.0.0.1 kept gone");
  EXPECT_EQ(one.result("HeaderSeenInOnConnected"), "forgotten");
}

TEST_P(invocations, of_two_connections_have_different_ids) {
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.insert(on().connect().id());

  EXPECT_EQ(ids.size(), 20u);
}

}  // namespace
