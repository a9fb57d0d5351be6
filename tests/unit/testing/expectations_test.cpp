// Expectations that fail: what they say, and where.
#include "kit_hub.hpp"

namespace {

using namespace kit_story;

class kit_expectations : public on_a_host {
 protected:
  kit::client ada = host.connect({.user_id = "ada"});
};
KIT_PROTOCOLS(kit_expectations);

// The text without the place in front of it.
template <class Act>
std::string complaint(Act&& act) {
  const std::string text = text_of<kit::test_failure>(act);
  const std::size_t at = text.find("ada: ");
  return at == std::string::npos ? text : text.substr(at);
}

TEST_P(kit_expectations, name_the_place_in_the_test) {
  const int line = __LINE__ + 1;
  const std::string text = text_of<kit::test_failure>([&] { ada.expect("Said"); });

  EXPECT_EQ(text, std::string(__FILE__) + ":" + std::to_string(line) + ": ada: expected Said, but nothing came");
}

TEST_P(kit_expectations, tell_what_came_instead) {
  ada.invoke("ToUser", "ada", "psst");
  ada.invoke("All", "Noted", note{"n", 1});

  EXPECT_EQ(complaint([&] { ada.expect<std::string>("Said"); }),
            R"(ada: expected Said, but Told("psst"), Noted({"text": "n", "stars": 1}) came)");
  EXPECT_EQ(complaint([&] { ada.take("Said"); }),
            R"(ada: expected Said, but Told("psst"), Noted({"text": "n", "stars": 1}) came)");
  EXPECT_EQ(complaint([&] { ada.expect_nothing(); }),
            R"(ada: expected nothing, but Told("psst"), Noted({"text": "n", "stars": 1}) came)");
  EXPECT_EQ(ada.expect<std::string>("Told"), "psst") << "a failed expectation takes nothing";
}

TEST_P(kit_expectations, shorten_long_lists) {
  for (int i = 0; i < 20; ++i) ada.invoke("ToUser", "ada", std::to_string(i));

  const std::string text = complaint([&] { ada.expect_nothing(); });

  EXPECT_EQ(text.substr(text.find(R"(Told("7"))")), R"(Told("7"), and 12 more came)");
}

TEST_P(kit_expectations, tell_arguments_that_do_not_fit) {
  ada.invoke("ToUser", "ada", "psst");
  EXPECT_EQ(complaint([&] { ada.expect<int>("Told"); }),
            R"(ada: expected argument 1 of Told to be a int, but Told("psst") came)");
  ada.invoke("ToUser", "ada", "psst");
  EXPECT_EQ(complaint([&] { ada.expect<std::string, int>("Told"); }),
            R"(ada: expected Told with 2 arguments, but Told("psst") came)");
  ada.invoke("Join", "red");
  ada.invoke("Say", "red", "hi");
  EXPECT_EQ(complaint([&] { ada.expect<std::string, int>("Said"); }),
            R"(ada: expected argument 2 of Said to be a int, but Said("ada", "hi") came)");
}

TEST_P(kit_expectations, tell_results_that_do_not_fit) {
  EXPECT_EQ(complaint([&] { ada.invoke<int>("Echo", "text"); }), R"(ada: Echo gave "text", which is no int)");
  EXPECT_EQ(complaint([&] { ada.invoke<std::string>("Add", 1, 2); }), "ada: Add gave 3, which is no std::string");
  EXPECT_EQ(complaint([&] { ada.stream<std::string>("Count", 1).next(); }),
            "ada: Count gave 0, which is no std::string");
}

TEST_P(kit_expectations, tell_calls_that_wait) {
  EXPECT_EQ(complaint([&] { ada.invoke<int>("Later", 10); }),
            "ada: Later has not completed: it waits for time to pass, for an answer or for another thread (these run: "
            "KitHub.Later)");
}

TEST_P(kit_expectations, tell_that_a_connection_goes_on_or_has_ended) {
  EXPECT_EQ(complaint([&] { ada.expect_closed(); }), "ada: expected the end of its connection, but it is connected");
  ada.invoke("Nothing");
  ada.send("Bye");

  EXPECT_EQ(complaint([&] { ada.expect("Said"); }),
            "ada: expected Said, but nothing came; the hub ended the connection");
  EXPECT_EQ(text_of<kit::connection_error>([&] { ada.invoke("Nothing"); }),
            "ada is not connected: the hub ended the connection");
  EXPECT_EQ(ada.expect_closed().error, "");
}

TEST_P(kit_expectations, tell_of_hubs_that_never_come_to_rest) {
  EXPECT_NE(text_of<kit::test_failure>([&] { ada.send("Spin"); }).find("KitHub.Spin"), std::string::npos);
  ada.disconnect();
  kit::client ben = host.connect();
  EXPECT_THROW(std::ignore = ben.stream<int>("Count", 2'000'000'000), kit::test_failure);
}

TEST_P(kit_expectations, tell_handlers_that_do_not_fit) {
  ada.on("Told", [](int) {});

  EXPECT_EQ(text_of<kit::test_failure>([&] { ada.invoke("ToUser", "ada", "psst"); }),
            "Client failed to parse argument(s) of Told.");
}

}  // namespace
