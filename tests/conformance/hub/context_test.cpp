// Sending from outside: hub contexts on foreign threads, order per sender, tasks spawned from there.
#include <thread>

#include <atomic>
#include <cmath>
#include <future>

#include "story_hub.hpp"
#include "suite.hpp"

namespace {

using namespace hub_story;
using texts = std::vector<std::string>;

class contexts : public suite {
 protected:
  hubbub::hub_context<story_hub> context() { return hubbub::make_hub_context<story_hub>(on().host); }
  // Waits for what a future promises while the shards do their work.
  template <class T>
  T answer(std::future<T> promised) {
    on().settle();
    if (promised.wait_for(std::chrono::seconds(60)) != std::future_status::ready) throw std::runtime_error("no answer");
    return promised.get();
  }
};
HUB_STORY_CELLS(contexts);

TEST_P(contexts, reach_all_groups_users_and_single_clients) {
  client& a = on().connect({.target = "/story?user=ada"});
  client& b = on().connect();
  std::ignore = b.result("Join", {"red"});
  std::ignore = b.news();
  const auto hub = context();

  hub.clients().all().send("Receive", std::string("all"));
  hub.clients().all_except({a.id()}).send("Receive", std::string("all but a"));
  hub.clients().client(a.id()).send("Receive", std::string("a"));
  hub.clients().clients({a.id(), b.id()}).send("Receive", std::string("both"));
  hub.clients().group("red").send("Receive", std::string("red"));
  hub.clients().group_except("red", {b.id()}).send("Receive", std::string("nobody"));
  hub.clients().groups({"red", "blue"}).send("Receive", std::string("red or blue"));
  hub.clients().user("ada").send("Receive", std::string("ada"));
  hub.clients().users({"ada", "ben"}).send("Receive", std::string("ada or ben"));

  EXPECT_EQ(a.received_texts(), (texts{"all", "a", "both", "ada", "ada or ben"}));
  EXPECT_EQ(b.received_texts(), (texts{"all", "all but a", "both", "red", "red or blue"}));
}

TEST_P(contexts, keep_the_order_of_each_sender) {
  std::vector<client*> all;
  for (int i = 0; i < 4; ++i) all.push_back(&on().connect({.target = "/story?user=same"}));
  const auto hub = context();
  const auto from = [&hub](const std::string& who) {
    for (int i = 0; i < 200; ++i) {
      const std::string text = who + std::to_string(i);
      if (i % 2 == 0) {
        hub.clients().all().send("Receive", text);
      } else {
        hub.clients().user("same").send("Receive", text);
      }
    }
  };

  std::thread first(from, "x");
  std::thread second(from, "y");
  first.join();
  second.join();

  for (client* one : all) {
    const texts received = one->received_texts();
    ASSERT_EQ(received.size(), 400u);
    int x = 0;
    int y = 0;
    for (const std::string& text : received) {
      int& next = text.front() == 'x' ? x : y;
      ASSERT_EQ(text.substr(1), std::to_string(next++));
    }
  }
}

TEST_P(contexts, change_groups_from_any_thread) {
  client& a = on().connect();
  const auto hub = context();

  hub.groups().add(a.id(), "red");
  on().settle();
  hub.clients().group("red").send("Receive", std::string("in"));
  hub.groups().remove(a.id(), "red");
  on().settle();
  hub.clients().group("red").send("Receive", std::string("out"));
  hub.groups().add("nobody's id", "red");

  EXPECT_EQ(a.received_texts(), (texts{"in"}));
}

TEST_P(contexts, spawn_tasks_that_await_group_changes) {
  std::vector<client*> all;
  for (int i = 0; i < 3; ++i) all.push_back(&on().connect());
  const auto hub = context();
  const auto work = [](hubbub::hub_context<story_hub> of, std::vector<std::string> ids) -> hubbub::task<int> {
    for (const std::string& id : ids) co_await of.groups().add(id, "red");
    of.clients().group("red").send("Receive", std::string("together"));
    co_return 3;
  };

  EXPECT_EQ(answer(hubbub::spawn(hub, work(hub, {all[0]->id(), all[1]->id(), all[2]->id()}))), 3);

  for (client* one : all) EXPECT_EQ(one->received_texts(), (texts{"together"}));
}

TEST_P(contexts, give_exceptions_of_spawned_tasks_to_who_waits) {
  const auto hub = context();
  const auto work = []() -> hubbub::task<int> {
    throw std::runtime_error("as told");
    co_return 1;
  };

  EXPECT_THROW(answer(hubbub::spawn(hub, work())), std::runtime_error);
}

TEST_P(contexts, refuse_what_cannot_be_written_at_the_sender) {
  client& a = on().connect();
  const auto hub = context();

  EXPECT_THROW(hub.clients().all().send("Receive", std::nan("")), std::invalid_argument);
  EXPECT_THROW(hub.clients().client(a.id()).send("Receive", std::nan("")), std::invalid_argument);
  EXPECT_THROW(std::ignore = hub.clients().group(""), std::invalid_argument);
  EXPECT_THROW(hub.groups().add(a.id(), ""), std::invalid_argument);
  EXPECT_TRUE(a.news().empty());
}

TEST_P(contexts, send_while_connections_come_and_go) {
  const auto hub = context();
  std::atomic<bool> enough = false;
  // A sender that never looks back is a race it wins: mailboxes then hold seconds of noise, and the clients wait behind
  // it.
  const auto turn = []() -> hubbub::task<int> { co_return 1; };
  std::thread sender([&] {
    while (!enough) {
      for (int i = 0; i < 8; ++i) {
        hub.clients().all().send("Receive", std::string("noise"));
        hub.clients().group("red").send("Receive", std::string("red noise"));
      }
      const auto caught_up = hubbub::spawn(hub, turn());
      while (!enough && caught_up.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
      }
    }
  });

  for (int i = 0; i < 20; ++i) {
    client& one = on().connect();
    std::ignore = one.call("Join", {"red"});
    if (i % 2 == 0) one.leave();
  }
  enough = true;
  sender.join();
  on().settle();
}

TEST(contexts_before_the_start, a_context_may_be_made_and_used_early) {
  hubbub::hub_host host;
  record seen;
  world about(seen);
  const auto endpoint = hubbub::make_hub_endpoint<story_hub>(host, std::ref(about));
  const auto hub = hubbub::make_hub_context<story_hub>(host);
  const auto work = []() -> hubbub::task<int> { co_return 1; };

  hub.clients().all().send("Receive", std::string("nobody is there yet"));
  hub.groups().add(hubbub::connection_id::make(0).text(), "red");

  EXPECT_THROW(std::ignore = hubbub::spawn(hub, work()), std::logic_error);
}

}  // namespace
