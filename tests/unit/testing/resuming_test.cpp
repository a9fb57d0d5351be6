// Clients of the testing kit whose wire is cut and that come back (stateful reconnect).
#include <algorithm>

#include "kit_hub.hpp"

namespace {

using namespace kit_story;

class kit_resuming : public on_a_host {
 protected:
  kit_resuming() { settings.allow_stateful_reconnects(); }
  kit::client connect(const std::string& user = "ada") {
    return host.connect({.user_id = user, .stateful_reconnect = true});
  }
  [[nodiscard]] bool has_left() const { return !lines.empty(); }
};
KIT_PROTOCOLS(kit_resuming);

TEST_P(kit_resuming, goes_on_with_the_same_connection) {
  kit::client ada = connect();
  kit::client ben = host.connect({.user_id = "ben"});
  const std::string id = ada.id();
  ada.invoke("Join", "red");

  ada.cut();
  ben.invoke("Say", "red", "while she is away");
  ada.resume();

  EXPECT_EQ((ada.expect<std::string, std::string>("Said")),
            (std::tuple<std::string, std::string>("ben", "while she is away")));
  EXPECT_EQ(ada.invoke<int>("Add", 2, 3), 5);
  EXPECT_EQ(ada.id(), id);
  EXPECT_FALSE(has_left());
}

TEST_P(kit_resuming, loses_nothing_that_was_on_its_way) {
  kit::client ada = connect();
  kit::client ben = host.connect({.user_id = "ben"});
  ada.invoke("Join", "red");

  ada.line().lose_everything();
  ben.invoke("Say", "red", "into the hole");
  ada.send("Say", "red", "out of the hole");
  ada.cut();
  ada.send("Say", "red", "from nowhere");
  ada.resume();

  EXPECT_EQ(ada.events(), (texts{"Said(\"ben\", \"into the hole\")", "Said(\"ada\", \"out of the hole\")",
                                 "Said(\"ada\", \"from nowhere\")"}));
  host.advance(2s);
  EXPECT_EQ(ada.events().size(), 3u);
}

TEST_P(kit_resuming, gives_up_after_a_time_of_which_the_host_knows) {
  kit::client ada = connect();
  ada.cut();
  host.advance(14s);
  EXPECT_TRUE(ada.connected());
  EXPECT_FALSE(has_left());

  host.advance(2s);

  EXPECT_EQ(lines, (journal{"left: client_left"}));
  EXPECT_FALSE(ada.connected());
  EXPECT_THROW(ada.resume(), kit::connection_error);
}

TEST_P(kit_resuming, is_only_for_those_who_ask_where_it_is_allowed) {
  kit::client plain = host.connect();
  plain.cut();
  EXPECT_FALSE(plain.connected());
  EXPECT_EQ(lines, (journal{"left: client_left"}));

  kit::host strict({.protocol = GetParam()});
  strict.map<kit_hub>(std::ref(lines));
  kit::client wishful = strict.connect({.stateful_reconnect = true});
  EXPECT_FALSE(wishful.line().stateful());
  wishful.cut();
  EXPECT_FALSE(wishful.connected());
}

TEST_P(kit_resuming, acknowledges_within_a_second_or_so) {
  settings.stateful_reconnect_buffer_size(1024);
  kit::client ada = connect();
  const std::string text(200, 'x');

  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(ada.invoke<std::string>("Echo", text), text);
    host.advance(1500ms);
  }
  for (int i = 0; i < 5; ++i) ada.invoke("Echo", text);

  EXPECT_THROW(ada.invoke("Echo", text), kit::test_failure) << "so much may be sent before a second has passed";
}

}  // namespace
