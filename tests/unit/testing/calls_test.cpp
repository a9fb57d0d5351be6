// Calls through the testing kit: results, errors, events, and results of clients.
#include "kit_hub.hpp"

namespace {

using namespace kit_story;

class kit_calls : public on_a_host {};
KIT_PROTOCOLS(kit_calls);

TEST_P(kit_calls, give_results_of_any_type) {
  kit::client ada = host.connect();

  EXPECT_EQ(ada.invoke<int>("Add", 2, 3), 5);
  EXPECT_EQ(ada.invoke<std::string>("echo", "text"), "text");
  EXPECT_EQ(ada.invoke<note>("Praise", note{"good", 4}), (note{"good", 5}));
  EXPECT_EQ(ada.invoke<std::optional<int>>("Nothing"), std::nullopt);
  ada.invoke("Nothing");
  ada.invoke("Add", 1, 1);  // a result that nobody wants
}

TEST_P(kit_calls, throw_what_the_hub_answers) {
  kit::client ada = host.connect();

  try {
    ada.invoke("Fail", "no such room");
    FAIL() << "it did not throw";
  } catch (const kit::invocation_error& error) {
    EXPECT_EQ(error.hub_error_text(), "no such room");
    EXPECT_STREQ(error.what(),
                 "An unexpected error occurred invoking 'Fail' on the server. HubException: no such room");
  }
  try {
    ada.invoke("Crash");
    FAIL() << "it did not throw";
  } catch (const kit::invocation_error& error) {
    EXPECT_EQ(error.hub_error_text(), "");
    EXPECT_STREQ(error.what(), "An unexpected error occurred invoking 'Crash' on the server.");
  }
  EXPECT_NE(text_of<kit::invocation_error>([&] { ada.invoke("Unknown"); }).find("Method does not exist"),
            std::string::npos);
  ASSERT_EQ(host.log().size(), 1u);
  EXPECT_EQ(host.log().front(),
            "error hub: KitHub.Crash threw std::runtime_error: secret (connection " + ada.id() + ")");
}

TEST_P(kit_calls, without_an_answer_are_done_when_send_returns) {
  kit::client ada = host.connect({.user_id = "ada"});

  ada.send("Join", "red");
  ada.send("Say", "red", "hi");
  ada.send("Fail", "unheard");

  EXPECT_EQ((ada.expect<std::string, std::string>("Said")), (std::tuple<std::string, std::string>("ada", "hi")));
  ada.expect_nothing();
}

TEST_P(kit_calls, reach_groups_users_and_all) {
  kit::client ada = host.connect({.user_id = "ada"});
  kit::client ben = host.connect({.user_id = "ben"});
  kit::client eve = host.connect({.user_id = "eve"});
  ada.invoke("Join", "red");
  ben.invoke("Join", "red");

  ada.invoke("Say", "red", "hi");
  eve.invoke("ToUser", "ben", "psst");
  ben.invoke("All", "Noted", note{"n", 1});

  EXPECT_EQ(ada.events(), (texts{R"(Said("ada", "hi"))", R"(Noted({"text": "n", "stars": 1}))"}));
  EXPECT_EQ(ben.events(), (texts{R"(Said("ada", "hi"))", R"(Told("psst"))", R"(Noted({"text": "n", "stars": 1}))"}));
  EXPECT_EQ(eve.expect<note>("noted"), (note{"n", 1}));
  eve.expect_nothing();
  EXPECT_EQ(ben.take<std::string>("Told"), "psst");
  ben.expect("Said");
  ben.forget_events();
  ben.expect_nothing();
}

TEST_P(kit_calls, show_values_of_all_kinds) {
  kit::client ada = host.connect();

  ada.invoke("Odd");

  EXPECT_EQ(ada.events(), (texts{R"(Odd(1, -2.5, true, null, [1, 2], {"text": "a\"b", "stars": 1}))"}));
}

TEST_P(kit_calls, of_the_hub_go_to_handlers) {
  kit::client ada = host.connect({.user_id = "ada"});
  texts heard;
  ada.on("said", [&](const std::string& who, std::string text) { heard.push_back(who + ": " + text); });
  ada.ignore("Noted");
  ada.invoke("Join", "red");

  ada.invoke("Say", "red", "hi");
  ada.invoke("All", "Noted", note{"n", 1});

  EXPECT_EQ(heard, (texts{"ada: hi"}));
  ada.expect_nothing();
}

TEST_P(kit_calls, may_be_made_by_handlers) {
  kit::client ada = host.connect({.user_id = "ada"});
  kit::client ben = host.connect({.user_id = "ben"});
  ada.on("Told", [&](std::string text) { ada.invoke("ToUser", "ben", "I was told " + text); });
  ben.invoke("ToUser", "ada", "news");

  EXPECT_EQ(ben.expect<std::string>("Told"), "I was told news");
}

TEST_P(kit_calls, of_handlers_let_their_exceptions_out) {
  kit::client ada = host.connect({.user_id = "ada"});
  ada.on("Told", [](std::string text) { throw std::runtime_error("not " + text); });

  EXPECT_EQ(text_of<std::runtime_error>([&] { ada.invoke("ToUser", "ada", "this"); }), "not this");
  EXPECT_EQ(ada.invoke<int>("Add", 1, 2), 3);
}

TEST_P(kit_calls, of_the_hub_are_answered_by_handlers) {
  kit::client ada = host.connect();
  kit::client ben = host.connect();
  ben.on("Answer", [](int x) { return 2 * x; });

  EXPECT_EQ(ada.invoke<int>("Ask", ben.id(), 20), 41);

  ben.on("Answer", [](int) -> int { throw std::runtime_error("I do not know"); });
  EXPECT_EQ(text_of<kit::invocation_error>([&] { ada.invoke("Ask", ben.id(), 20); }),
            "An unexpected error occurred invoking 'Ask' on the server. HubException: I do not know");
  ben.on("Answer", [](int) {});
  EXPECT_EQ(text_of<kit::invocation_error>([&] { ada.invoke("Ask", ben.id(), 20); }),
            "An unexpected error occurred invoking 'Ask' on the server. HubException: Client didn't provide a result.");
  EXPECT_EQ(text_of<kit::invocation_error>([&] { ben.invoke("Ask", ada.id(), 20); }),
            "An unexpected error occurred invoking 'Ask' on the server. HubException: Client didn't provide a result.");
}

TEST_P(kit_calls, of_the_hub_may_stay_without_an_answer) {
  kit::client ada = host.connect();
  kit::client ben = host.connect();
  ben.never_answer("Answer");

  kit::pending_call<int> call = ada.start<int>("Ask", ben.id(), 20);

  EXPECT_EQ(ben.expect<int>("Answer"), 20);
  host.advance(29s);
  EXPECT_FALSE(call.completed());
  host.advance(2s);
  EXPECT_THROW(std::ignore = call.get(), kit::invocation_error);
}

TEST_P(kit_calls, may_wait_and_be_cancelled) {
  kit::client ada = host.connect();

  kit::pending_call<int> later = ada.start<int>("Later", 1500);
  EXPECT_FALSE(later.completed());
  host.advance(1499ms);
  EXPECT_FALSE(later.completed());
  host.advance(1ms);
  EXPECT_EQ(later.get(), 1500);

  kit::pending_call<int> never = ada.start<int>("Later", 1'000'000);
  never.cancel();
  EXPECT_THROW(std::ignore = never.get(), kit::invocation_error);
}

class kit_streams : public on_a_host {};
KIT_PROTOCOLS(kit_streams);

TEST_P(kit_streams, give_their_items) {
  kit::client ada = host.connect();

  EXPECT_EQ(ada.stream<int>("Count", 3).all(), (std::vector<int>{0, 1, 2}));
  kit::incoming_stream<int> one = ada.stream<int>("Count", 1);
  EXPECT_EQ(one.next(), 0);
  EXPECT_EQ(one.next(), std::nullopt);
  EXPECT_TRUE(one.completed());
}

TEST_P(kit_streams, throw_their_error_behind_the_items) {
  kit::client ada = host.connect();
  kit::incoming_stream<int> broken = ada.stream<int>("BreakOff");

  EXPECT_EQ(broken.next(), 1);
  EXPECT_EQ(text_of<kit::invocation_error>([&] { broken.next(); }),
            "An error occurred on the server while streaming results. HubException: enough");
}

TEST_P(kit_streams, come_as_time_passes_until_they_are_cancelled) {
  kit::client ada = host.connect();
  kit::incoming_stream<int> ticks = ada.stream<int>("Tick");

  host.advance(3s);
  EXPECT_EQ(ticks.available(), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_NE(text_of<kit::test_failure>([&] { ticks.next(); }).find("client 1: Tick has not completed"),
            std::string::npos);
  ticks.cancel();

  EXPECT_TRUE(ticks.completed());
  EXPECT_EQ(ticks.next(), std::nullopt);
  EXPECT_EQ(lines, (journal{"ticked"}));
}

TEST_P(kit_streams, go_to_methods_item_by_item) {
  kit::client ada = host.connect();
  auto words = ada.upload<std::string>();
  kit::pending_call<std::string> joined = ada.start<std::string>("JoinUp", words, "-");

  words.write("a");
  words.write("b");
  EXPECT_FALSE(joined.completed());
  words.complete();

  EXPECT_EQ(joined.get(), "a-b-");
  EXPECT_NE(text_of<kit::test_failure>([&] { words.write("c"); }).find("after its end"), std::string::npos);
}

TEST_P(kit_streams, to_methods_may_end_with_an_error) {
  kit::client ada = host.connect();
  auto words = ada.upload<std::string>();
  EXPECT_NE(text_of<kit::test_failure>([&] { words.write("c"); }).find("before it was passed"), std::string::npos);
  kit::pending_call<std::string> joined = ada.start<std::string>("JoinUp", "-", words);

  words.fail("no more");

  EXPECT_EQ(text_of<kit::invocation_error>([&] { joined.get(); }),
            "An unexpected error occurred invoking 'JoinUp' on the server. HubException: no more");
}

}  // namespace
