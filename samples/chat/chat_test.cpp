// Tests of the chat hub, as an application has them: no server, no sockets, no waiting. See docs/testing.md.
#include <gtest/gtest.h>
#include <hubbub/testing.hpp>

#include <functional>
#include <string>

#include "chat_hub.hpp"
#include "guest_book.hpp"

namespace {

using hubbub::testing::client;
using hubbub::testing::invocation_error;

class chat : public testing::Test {
 protected:
  chat() { host.map<chat_hub>("/chat", std::ref(book)); }

  client join(const std::string& name, const std::string& room) {
    client newcomer = host.connect({.name = name});
    newcomer.invoke("JoinRoom", name, room);
    newcomer.ignore("Rooms");  // everybody hears of every change; most tests are not about that
    newcomer.forget_events();
    return newcomer;
  }

  guest_book book;
  hubbub::testing::host host;
};

TEST_F(chat, tells_newcomers_which_rooms_there_are) {
  client ada = join("ada", "lobby");

  client ben = host.connect();

  EXPECT_EQ(ben.expect<occupancy>("Rooms").people.at("lobby"), std::vector<std::string>{"ada"});
  ben.expect_nothing();
}

TEST_F(chat, is_heard_in_its_room_only) {
  client ada = join("ada", "lobby");
  client ben = join("ben", "lobby");
  client eve = join("eve", "attic");
  EXPECT_EQ(ada.expect<std::string>("Joined"), "ben");

  ben.invoke("Say", "hello");

  for (client one : {ada, ben}) {
    const auto [id, name, text] = one.expect<std::string, std::string, std::string>("Said");
    EXPECT_EQ(id, ben.id());
    EXPECT_EQ(name, "ben");
    EXPECT_EQ(text, "hello");
  }
  eve.expect_nothing();
}

TEST_F(chat, wants_a_name_and_a_room_first) {
  client ada = host.connect();

  try {
    ada.invoke("Say", "hello?");
    FAIL() << "nobody is in a room";
  } catch (const invocation_error& error) {
    EXPECT_EQ(error.hub_error_text(), "Join a room first.");
  }
  EXPECT_THROW(ada.invoke("JoinRoom", "", "lobby"), invocation_error);
}

TEST_F(chat, notices_who_vanishes) {
  client ada = join("ada", "lobby");
  client ben = join("ben", "lobby");
  ada.forget_events();

  ben.disconnect(hubbub::close_cause::client_left);

  EXPECT_EQ(ada.expect<std::string>("Left"), "ben");
  EXPECT_EQ(book.now().people.at("lobby"), std::vector<std::string>{"ada"});
}

TEST_F(chat, gives_up_whose_computer_fell_asleep) {
  client ada = join("ada", "lobby");
  client ben = join("ben", "lobby");
  ada.forget_events();
  using namespace std::chrono_literals;
  host.advance(20s);
  ben.send_pings_every(0s);

  host.advance(40s);

  EXPECT_EQ(ada.expect<std::string>("Left"), "ben");
  EXPECT_TRUE(ada.connected());
}

}  // namespace
