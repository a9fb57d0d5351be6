// Filters around the beginning and the end of connections.
#include <stdexcept>
#include <string>

#include "filtered_hub.hpp"

namespace filter_story {

class filters_of_connections : public filters {};
HUB_STORY_CELLS(filters_of_connections);

TEST_P(filters_of_connections, refuse_connections_by_what_they_throw) {
  struct gate_keeper {
    task<void> on_connected(hub_base& hub, filter_next next) {
      if (hub.user_id() == "mallory") throw hub_error("not you");
      if (hub.user_id() == "eve") throw std::runtime_error("secret");
      return next();
    }
  };
  set_up_with_filters({gate_keeper()});

  for (const auto& [user, error] : {std::pair<std::string, std::string>("mallory", " HubException: not you"),
                                    std::pair<std::string, std::string>("eve", "")}) {
    client& one = on().arrive({.target = "/story?user=" + user});
    one.shake_hands();
    EXPECT_EQ(one.next(), (json{{"type", 7}, {"error", "Connection closed with an error." + error}}));
    EXPECT_EQ(one.wait_for_end(), end::finished);
  }
  EXPECT_EQ(on().connect({.target = "/story?user=ada"}).result("Kept"), "kept");

  EXPECT_EQ(on().about.journal(), (lines{"hub connected"}));
}

TEST_P(filters_of_connections, may_leave_out_the_hooks_of_the_hub) {
  struct silent {
    task<void> on_connected(hub_base&, filter_next) { co_return; }
    task<void> on_disconnected(hub_base&, const close_reason&, filter_next) { co_return; }
  };
  set_up_with_filters({silent()});
  client& one = on().connect();

  EXPECT_EQ(one.result("Kept"), "kept");
  one.leave();
  ASSERT_TRUE(on().wait([&] { return on().about.hubs_alive == 0; }, "the hub's end"));

  EXPECT_EQ(on().about.journal(), lines{});
}

TEST_P(filters_of_connections, around_hubs_without_hooks_run_all_the_same) {
  set_up_mapped([](hubbub::hub_host& host, world& about) {
    host.add_filter(marking_filter(about, "a"));
    return endpoints{hubbub::make_hub_endpoint<bare_hub>(host)};
  });
  client& one = on().connect();
  one.leave();
  ASSERT_TRUE(on().wait([&] { return on().about.count_locked("a disconnected") == 1; }, "the filter"));

  EXPECT_EQ(on().about.journal(),
            (lines{"a connecting to BareHub", "a connected", "a disconnecting: client_left", "a disconnected"}));
}

TEST_P(filters_of_connections, that_fail_at_the_end_are_logged) {
  struct failing {
    task<void> on_disconnected(hub_base&, const close_reason&, filter_next next) {
      co_await next();
      throw std::runtime_error("broken at the end");
    }
  };
  set_up_with_filters({failing()});
  client& one = on().connect();

  one.say_message(closed());

  EXPECT_EQ(one.wait_for_end(), end::failed);
  EXPECT_EQ(on().about.count("hub disconnected"), 1);
  EXPECT_EQ(on().log->count("broken at the end"), 1u);
}

TEST_P(filters_of_connections, hold_the_messages_of_a_client_while_they_open) {
  set_up_made([](world& about) {
    struct slow {
      world& about;
      task<void> on_connected(hub_base&, filter_next next) {
        co_await about.gate("opening");
        co_await next();
      }
    };
    return std::vector<hubbub::hub_filter>{slow{about}};
  });
  client& one = on().arrive();
  one.shake_hands();
  const std::string id = one.begin("Kept");
  ASSERT_TRUE(on().wait([&] { return on().about.waiting_locked("opening") == 1; }, "the filter"));
  EXPECT_FALSE(one.has_completion(id));

  on().about.open("opening");

  EXPECT_EQ(one.completion_of(id), completion(id, "kept"));
}

}  // namespace filter_story
