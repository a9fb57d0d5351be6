// How connections end: abort, Close from the client, broken protocol, too large messages, goodbye; and what still runs.
#include "suite.hpp"

namespace {

using namespace hub_story;
using namespace std::string_literals;

class endings : public suite {
 protected:
  const json goodbye{{"type", 7}, {"allowReconnect", true}};
  bool over(const std::string& because) {
    return on().wait(
        [&] {
          return on().about.count_locked("because " + because) == 1 &&
                 on().about.count_locked("disconnected to the end") == 1;
        },
        "on_disconnected because " + because);
  }
};
HUB_STORY_CELLS(endings);

TEST_P(endings, abort_says_close_without_permission_to_return) {
  client& one = on().connect();
  one.begin("Abort");

  EXPECT_EQ(one.wait_for_end(), end::finished);

  EXPECT_EQ(one.news().front(), closed());
  EXPECT_TRUE(over("aborted"));
}

TEST_P(endings, a_method_goes_on_after_abort_and_its_waits_are_cancelled) {
  client& other = on().connect();
  client& one = on().connect();
  one.begin("AbortAndGoOn");

  EXPECT_EQ(one.wait_for_end(), end::finished);
  on().wait([&] { return on().about.count_locked("wait after abort was cancelled") == 1; }, "the method's end");

  EXPECT_EQ(on().about.count("aborted is requested"), 1);
  EXPECT_EQ(one.news(), (std::vector<json>{closed()}));  // no completion after Close
  EXPECT_EQ(other.received_texts(), (std::vector<std::string>{"gone " + one.id(), "still able to send"}));
}

TEST_P(endings, what_is_behind_an_abort_in_the_same_piece_is_not_run) {
  client& one = on().connect();
  one.say(in_bytes({{"type", 1}, {"target", "Abort"}, {"arguments", json::array()}}) +
          in_bytes({{"type", 1}, {"target", "Nothing"}, {"arguments", json::array()}}));

  std::ignore = one.wait_for_end();

  EXPECT_EQ(on().about.count("nothing"), 0);
}

TEST_P(endings, a_close_of_the_client_is_echoed) {
  client& one = on().connect();
  one.say_message(closed());

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(one.news(), (std::vector<json>{closed()}));
  EXPECT_TRUE(over("client_closed"));
}

TEST_P(endings, a_close_of_the_client_with_an_error_is_an_error) {
  client& one = on().connect();
  one.say_message({{"type", 7}, {"error", "I am unwell"}});

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(one.news(), (std::vector<json>{closed()}));
  EXPECT_TRUE(over("client_closed: I am unwell (error)"));
}

TEST_P(endings, a_broken_message_closes_with_permission_to_return) {
  const std::vector<std::string> in_json = {"not json",
                                            "[]",
                                            "{}",
                                            R"({"type":"1"})",
                                            R"({"type":1,"arguments":[]})",
                                            R"({"type":1,"target":"Echo"})",
                                            R"({"type":1,"target":"Echo","arguments":{}})",
                                            R"({"type":4,"target":"Echo","arguments":[]})",
                                            R"({"type":5})",
                                            R"({"type":3})",
                                            R"({"type":2,"invocationId":"1"})",
                                            ""};
  const std::vector<std::string> in_messagepack = {"\xc1",
                                                   "\xc0",
                                                   "\x90",
                                                   "\x91\xa1\x31"s,
                                                   "\x91\x01",
                                                   "\x93\x01\x80\xc0",
                                                   "\x95\x01\x80\xc0\xa0\x90",
                                                   "\x95\x04\x80\xc0\xa1x\x90",
                                                   "\x91\x05",
                                                   "\x94\x03\x80\xa1\x31\x09"s,
                                                   "\x94\x03\x80\xa1\x31\x03"s,
                                                   "\x92\x02\x80",
                                                   "\xdd\xff\xff\xff\xff\x01",
                                                   ""};
  for (const std::string& content : speaks_json() ? in_json : in_messagepack) {
    client& one = on().connect();
    one.say(framed(content));
    EXPECT_EQ(one.wait_for_end(), end::finished) << testing::PrintToString(content);
    EXPECT_EQ(one.news(), (std::vector<json>{closed_with_error()})) << testing::PrintToString(content);
  }
  EXPECT_EQ(on().connect().result("Echo", {"served"}), "served");
}

TEST_P(endings, a_broken_message_is_an_error_for_on_disconnected) {
  client& one = on().connect();
  one.say(framed(speaks_json() ? R"({"type":1,"arguments":[]})" : "\x95\x01\x80\xc0\xa0\x90"));

  EXPECT_TRUE(over(speaks_json() ? "protocol_error: Missing required property 'target'. (error)"
                                 : "protocol_error: Null or empty target for Invocation message. (error)"));
}

TEST_P(endings, tell_what_was_broken_when_details_are_on) {
  set_up([](hubbub::hub_settings& settings) { settings.detailed_errors = true; });
  const auto answer_to = [&](const std::string& content) {
    client& one = on().connect();
    one.say(framed(content));
    std::ignore = one.wait_for_end();
    return one.news().back();
  };

  if (!speaks_json()) {
    EXPECT_EQ(answer_to("\x95\x01\x80\xc0\xa0\x90"),
              closed_with_error(" InvalidDataException: Null or empty target for Invocation message."));
    EXPECT_EQ(answer_to("\x91\xa1\x31"s),
              closed_with_error(" InvalidDataException: Reading 'messageType' as Int32 failed."));
    EXPECT_EQ(answer_to("\x91\x05"),
              closed_with_error(" InvalidDataException: Reading map length for 'headers' failed."));
    return;
  }
  EXPECT_EQ(answer_to(R"({"type":1,"arguments":[]})"),
            closed_with_error(" InvalidDataException: Missing required property 'target'."));
  EXPECT_EQ(answer_to("x"), closed_with_error(" InvalidDataException: Error reading JSON."));
  EXPECT_EQ(answer_to("[]"),
            closed_with_error(" InvalidDataException: Unexpected JSON Token Type 'Array'. Expected a JSON Object."));
  EXPECT_EQ(answer_to(R"({"type":1.5})").value("error", "").substr(0, 50),
            "Connection closed with an error. FormatException: ");
}

TEST_P(endings, messages_nobody_waits_for_are_ignored) {
  client& one = on().connect();

  one.say_message({{"type", 2}, {"invocationId", "x"}, {"item", 1}});
  one.say_message({{"type", 3}, {"invocationId", "x"}, {"result", 1}});
  one.say_message({{"type", 5}, {"invocationId", "x"}});
  one.say_message({{"type", 8}, {"sequenceId", 1}});
  one.say_message({{"type", 9}, {"sequenceId", 1}});
  one.say_message({{"type", 77}, {"anything", {1, 2}}});

  EXPECT_EQ(one.result("Echo", {"still there"}), "still there");
}

TEST_P(endings, a_message_above_the_limit_closes_the_connection) {
  set_up([](hubbub::hub_settings& settings) {
    settings.max_message_size = 200;
    settings.detailed_errors = true;
  });
  const auto sized = [](std::size_t size) {
    json message{{"type", 1}, {"invocationId", "1"}, {"target", "Echo"}, {"arguments", {""}}};
    for (std::string text; in_bytes(message).size() < size; message["arguments"][0] = text) text += 'x';
    EXPECT_EQ(in_bytes(message).size(), size);
    return in_bytes(message);
  };
  const json refused = closed_with_error(
      " InvalidDataException: The maximum message size of 200B was exceeded. The message size can be configured in "
      "AddHubOptions.");

  client& fits = on().connect();
  fits.say(sized(200));
  EXPECT_TRUE(fits.completion_of("1").contains("result"));

  client& whole = on().connect();
  whole.say(sized(201));
  EXPECT_EQ(whole.wait_for_end(), end::finished);
  EXPECT_EQ(whole.news(), (std::vector<json>{refused}));

  client& without_end = on().connect();
  if (speaks_json()) {
    for (int i = 0; i < 201; ++i) without_end.say("{");
  } else {
    without_end.say("\xc7\x01");  // a length is believed
  }
  EXPECT_EQ(without_end.wait_for_end(), end::finished);
  EXPECT_EQ(without_end.news(), (std::vector<json>{refused}));
}

TEST_P(endings, no_limit_means_none) {
  set_up([](hubbub::hub_settings& settings) { settings.max_message_size = 0; });
  client& one = on().connect();
  const std::string large(300'000, 'x');

  EXPECT_EQ(one.result("Echo", {large}), large);
}

TEST_P(endings, answers_before_a_broken_message_are_still_given) {
  client& one = on().connect();
  one.say(in_bytes({{"type", 1}, {"invocationId", "1"}, {"target", "Echo"}, {"arguments", {"a"}}}) + framed("broken"));

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(one.news(), (std::vector<json>{completion("1", "a"), closed_with_error()}));
}

TEST_P(endings, the_servers_goodbye_invites_everybody_to_return) {
  client& idle = on().connect();
  client& busy = on().connect();
  client& new_here = on().arrive();
  busy.begin("SleepUnlessCancelled", {"kindly"});

  for (unsigned i = 0; i < on().shard_count(); ++i) {
    on().run_on(i, [&] { on().endpoint->say_goodbye(on().shard_at(i)); });
  }

  for (client* one : {&idle, &busy}) {
    EXPECT_EQ(one->wait_for_end(), end::finished);
    EXPECT_EQ(one->news().back(), goodbye);
  }
  EXPECT_EQ(new_here.wait_for_end(), end::finished);
  EXPECT_TRUE(new_here.writes().empty());
  on().wait([&] { return on().about.count_locked("because server_stopping") == 2; }, "on_disconnected of both");
}

// DELETE of long polling (transports.md 10): the client's wish, told outside of the messages.
TEST_P(endings, a_client_that_asks_for_removal_is_told_goodbye_and_may_return) {
  client& one = on().connect({.long_polling = true});
  one.remove();

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(one.news(), (std::vector<json>{goodbye}));
  EXPECT_TRUE(over("client_closed"));
  EXPECT_EQ(on().about.count("disconnected " + one.id()), 1);
}

TEST_P(endings, removal_cancels_what_runs_and_gives_no_completion_for_it) {
  client& one = on().connect({.long_polling = true});
  one.begin("SleepUnlessCancelled", {"kindly"});
  one.begin("Echo", {"waits behind it"});

  one.remove();

  EXPECT_EQ(one.wait_for_end(), end::finished);
  on().wait([&] { return on().about.count_locked("cancelled kindly") == 1; }, "the sleep's end");
  EXPECT_EQ(one.news(), (std::vector<json>{goodbye}));
  EXPECT_TRUE(over("client_closed"));
}

TEST_P(endings, removal_sends_what_was_queued_before_it_says_goodbye) {
  client& one = on().connect({.long_polling = true});
  one.stop_reading();
  one.begin("Echo", {"queued"});
  on().settle();

  one.remove();
  one.read_again();

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_EQ(one.news(), (std::vector<json>{completion("0", "queued"), goodbye}));
}

TEST_P(endings, removal_is_one_end_however_often_and_late_it_is_asked_for) {
  client& one = on().connect({.target = "/story?disconnected=wait", .long_polling = true});
  one.remove();
  on().wait([&] { return on().about.waiting_locked("on_disconnected") == 1; }, "on_disconnected");

  one.remove();
  one.say_message(closed());
  on().about.open("on_disconnected");

  EXPECT_EQ(one.wait_for_end(), end::finished);
  one.remove();
  EXPECT_EQ(one.news(), (std::vector<json>{goodbye}));
  EXPECT_TRUE(over("client_closed"));
}

TEST_P(endings, removal_before_the_handshake_ends_in_silence) {
  client& one = on().arrive({.long_polling = true});
  one.remove();

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_TRUE(one.writes().empty());
  EXPECT_EQ(on().about.count("disconnected " + one.id()), 0);
}

TEST_P(endings, removal_waits_for_on_connected_before_on_disconnected) {
  client& one = on().arrive({.target = "/story?connected=wait", .long_polling = true});
  one.say(R"({"protocol":"json","version":1})" + std::string(1, record_separator));
  on().wait([&] { return on().about.waiting_locked("on_connected") == 1; }, "on_connected");

  one.remove();
  on().settle();
  EXPECT_EQ(on().about.count("disconnected " + one.id()), 0);
  on().about.open("on_connected");

  EXPECT_EQ(one.wait_for_end(), end::finished);
  EXPECT_TRUE(over("client_closed"));
  EXPECT_EQ(on().about.count("disconnected " + one.id()), 1);
}

TEST_P(endings, what_runs_on_is_named_and_can_be_cancelled) {
  client& one = on().connect({.shard = 0});
  one.begin("WaitAt", {"a"});
  on().wait([&] { return on().about.waiting_locked("a") == 1; }, "the method");
  std::string names;
  on().run_on(0, [&] { names = on().endpoint->still_running(on().shard_at(0)); });
  EXPECT_NE(names.find("StoryHub.WaitAt"), std::string::npos) << names;
  client& two = on().connect({.shard = 0});
  two.begin("SleepUnlessCancelled", {"kindly"});

  on().run_on(0, [&] { on().endpoint->cancel_running(on().shard_at(0)); });

  on().wait([&] { return on().about.count_locked("cancelled kindly") == 1; }, "the sleep's end");
  one.leave();
  two.leave();
  on().settle();
  EXPECT_EQ(on().busy(), 1u);  // no gate is opened by cancelling
  on().about.open("a");
  on().wait([&] { return on().about.hubs_alive.load() == 0; }, "the end of the hub objects");
}

}  // namespace
