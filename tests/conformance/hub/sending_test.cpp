// Who receives what: every selector, groups and users, wherever the connections live, and in which order.
#include "hubbub/hub.hpp"
#include "suite.hpp"

namespace {

using namespace hub_story;
using texts = std::vector<std::string>;

class other_hub : public hubbub::hub<other_hub> {
 public:
  void broadcast(std::string text) { clients().all().send("Receive", text); }
  using methods = hubbub::methods<&other_hub::broadcast>;
};

class sends : public suite {
 protected:
  // Four clients on all shards there are; `a` calls.
  void SetUp() override {
    set_up_mapped([](hubbub::hub_host& host, world& about) {
      endpoints all = mapping_of_the_story_hub()(host, about);
      all.push_back(hubbub::make_hub_endpoint<other_hub>(host));
      return all;
    });
    a = &on().connect({.target = "/story?user=ada"});
    b = &on().connect({.target = "/story?user=ben"});
    c = &on().connect({.target = "/story?user=ada"});
    d = &on().connect();
    everybody = {a, b, c, d};
  }
  // What a, b, c and d received, as letters; each exactly once unless written twice.
  std::string received(const std::string& text) {
    on().settle();
    std::string letters;
    for (std::size_t i = 0; i < everybody.size(); ++i) {
      for (const std::string& one : everybody[i]->received_texts()) {
        letters += one == text ? static_cast<char>('a' + i) : '?';
      }
    }
    return letters;
  }
  std::string after(const std::string& method, json arguments) {
    arguments.push_back(method);
    std::ignore = a->result(method, std::move(arguments));
    return received(method);
  }

  client* a = nullptr;
  client* b = nullptr;
  client* c = nullptr;
  client* d = nullptr;
  std::vector<client*> everybody;
};
HUB_STORY_CELLS(sends);

TEST_P(sends, reach_the_caller) { EXPECT_EQ(after("Notify", json::array()), "a"); }
TEST_P(sends, reach_all) { EXPECT_EQ(after("Broadcast", json::array()), "abcd"); }
TEST_P(sends, reach_others) { EXPECT_EQ(after("SendOthers", json::array()), "bcd"); }

TEST_P(sends, reach_all_but_the_excepted) {
  EXPECT_EQ(after("SendAllExcept", {json{b->id(), c->id(), "nobody's id", ""}}), "ad");
  EXPECT_EQ(after("SendAllExcept", {json::array()}), "abcd");
}

TEST_P(sends, reach_one_client) {
  for (std::size_t i = 0; i < everybody.size(); ++i) {
    EXPECT_EQ(after("SendClient", {everybody[i]->id()}), std::string(1, static_cast<char>('a' + i)));
  }
  EXPECT_EQ(after("SendClient", {"nobody's id"}), "");
  EXPECT_EQ(after("SendClient", {hubbub::connection_id::make(0).text()}), "");
  EXPECT_EQ(after("SendClient", {hubbub::connection_id::make(60000).text()}), "");
}

TEST_P(sends, reach_several_clients) {
  EXPECT_EQ(after("SendClients", {json{d->id(), b->id(), hubbub::connection_id::make(1).text()}}), "bd");
  EXPECT_EQ(after("SendClients", {json::array()}), "");
}

TEST_P(sends, reach_the_members_of_a_group) {
  std::ignore = a->result("Join", {"red"});
  std::ignore = d->result("Join", {"red"});
  std::ignore = b->result("Join", {"Red"});

  EXPECT_EQ(after("SendGroup", {"red"}), "ad");
  EXPECT_EQ(after("SendGroup", {"Red"}), "b");
  EXPECT_EQ(after("SendGroup", {"nobody's"}), "");
  EXPECT_EQ(after("SendOthersInGroup", {"red"}), "d");
  EXPECT_EQ(after("SendGroupExcept", {"red", json{d->id()}}), "a");
}

TEST_P(sends, reach_a_member_of_two_listed_groups_twice) {
  for (client* one : {a, b}) std::ignore = one->result("Join", {"red"});
  for (client* one : {b, c}) std::ignore = one->result("Join", {"blue"});

  EXPECT_EQ(after("SendGroups", {json{"red", "blue", "green"}}), "abbc");
}

TEST_P(sends, to_a_group_without_a_name_are_refused) {
  const std::string unexpected = "An unexpected error occurred invoking '";
  EXPECT_EQ(a->error("SendGroup", {"", "x"}), unexpected + "SendGroup' on the server.");
  EXPECT_EQ(a->error("SendGroups", {json{"red", ""}, "x"}), unexpected + "SendGroups' on the server.");
  EXPECT_EQ(a->error("Join", {""}), unexpected + "Join' on the server.");
}

TEST_P(sends, reach_all_connections_of_a_user) {
  EXPECT_EQ(after("SendUser", {"ada"}), "ac");
  EXPECT_EQ(after("SendUser", {"Ada"}), "");
  EXPECT_EQ(after("SendUser", {""}), "");
  EXPECT_EQ(after("SendUsers", {json{"ada", "ben", "nobody"}}), "abc");
}

TEST_P(sends, reach_no_one_who_left) {
  std::ignore = c->result("Join", {"red"});
  c->leave();
  on().settle();
  for (client* one : everybody) std::ignore = one->news();

  EXPECT_EQ(after("Broadcast", json::array()), "abd");
  EXPECT_EQ(after("SendGroup", {"red"}), "");
  EXPECT_EQ(after("SendUser", {"ada"}), "a");
  EXPECT_EQ(after("SendClient", {c->id()}), "");
}

TEST_P(sends, reach_nobody_before_the_handshake) {
  client& early = on().arrive();

  EXPECT_EQ(after("Broadcast", json::array()), "abcd");

  EXPECT_TRUE(early.writes().empty());
}

TEST_P(sends, carry_values_of_every_kind) {
  std::ignore = a->result("SendNothingMuch");

  EXPECT_EQ(a->news().front(),
            json::parse(R"({"type":1,"target":"Receive","arguments":[1,{"text":"t","stars":2},[3],null,"c"]})"));
}

TEST_P(sends, joining_twice_is_joining_once_and_leaving_ends_it) {
  std::ignore = b->result("Join", {"red"});
  std::ignore = b->result("Join", {"red"});
  EXPECT_EQ(after("SendGroup", {"red"}), "b");

  std::ignore = b->result("Leave", {"red"});
  EXPECT_EQ(after("SendGroup", {"red"}), "");
  std::ignore = b->result("Leave", {"red"});
  std::ignore = b->result("Leave", {"never joined"});
}

TEST_P(sends, others_may_be_put_into_groups_and_taken_out_by_id_effective_when_awaited) {
  for (client* one : everybody) {
    std::ignore = a->result("AddTo", {one->id(), "together"});
    EXPECT_EQ(one->received_texts(), (texts{"added to together"}));
    for (client* member : everybody) std::ignore = member->news();
  }
  EXPECT_EQ(after("SendGroup", {"together"}), "abcd");

  std::ignore = a->result("RemoveFrom", {b->id(), "together"});
  EXPECT_EQ(received("still in together"), "acd");
  std::ignore = a->result("RemoveFrom", {hubbub::connection_id::make(0).text(), "together"});
  std::ignore = a->result("AddTo", {"nobody's id", "together"});
}

TEST_P(sends, a_group_is_left_with_the_connection_and_works_for_the_next_one) {
  for (int round = 0; round < 3; ++round) {
    client& guest = on().connect();
    std::ignore = guest.result("Join", {"guests"});
    std::ignore = guest.news();
    std::ignore = a->result("SendGroup", {"guests", "hello"});
    EXPECT_EQ(guest.received_texts(), (texts{"hello"}));
    guest.leave();
    on().settle();
  }
}

TEST_P(sends, of_one_caller_arrive_in_order_whatever_the_audience) {
  for (client* one : everybody) std::ignore = one->result("Join", {"red"});
  for (client* one : everybody) std::ignore = one->news();
  texts expected;
  for (int i = 0; i < 50; ++i) {
    const std::string text = std::to_string(i);
    expected.push_back(text);
    switch (i % 5) {
      case 0: a->begin("Broadcast", {text}); break;
      case 1: a->begin("SendGroup", {"red", text}); break;
      case 2: a->begin("SendClients", {json{a->id(), b->id(), c->id(), d->id()}, text}); break;
      case 3: a->begin("SendAllExcept", {json::array(), text}); break;
      default: a->begin("SendGroups", {json{"red"}, text}); break;
    }
  }
  std::ignore = a->result("Nothing");

  for (client* one : everybody) EXPECT_EQ(one->received_texts(), expected);
}

TEST_P(sends, stay_within_their_hub) {
  EXPECT_EQ(after("Broadcast", json::array()), "abcd");
  const auto other = hubbub::make_hub_context<other_hub>(on().host);

  other.clients().all().send("Receive", std::string("for the other hub"));
  other.clients().user("ada").send("Receive", std::string("for the other hub"));
  other.clients().client(b->id()).send("Receive", std::string("for the other hub"));

  EXPECT_EQ(received("for the other hub"), "");
}

}  // namespace
