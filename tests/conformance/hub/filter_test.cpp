// Filters around calls: order, what they see, what they replace, and how they refuse.
#include <mutex>
#include <string>

#include "filtered_hub.hpp"

namespace filter_story {

HUB_STORY_CELLS(filters);

TEST_P(filters, stand_around_everything_those_of_the_server_outermost) {
  set_up_made(
      [](world& about) {
        return std::vector<hubbub::hub_filter>{marking_filter(about, "first"),
                                               std::make_shared<marking_filter>(about, "second")};
      },
      [](world& about) { return std::vector<hubbub::hub_filter>{marking_filter(about, "own")}; });
  client& one = on().connect();

  EXPECT_EQ(one.result("echo", {"hi"}), "hi");
  one.leave();
  ASSERT_TRUE(on().wait([&] { return on().about.count_locked("first disconnected") == 1; }, "the outermost filter"));

  EXPECT_EQ(on().about.journal(), (lines{"first connecting to FilteredHub",
                                         "second connecting to FilteredHub",
                                         "own connecting to FilteredHub",
                                         "hub connected",
                                         "own connected",
                                         "second connected",
                                         "first connected",
                                         "first before Echo",
                                         "second before Echo",
                                         "own before Echo",
                                         "echo hi",
                                         "own after Echo",
                                         "second after Echo",
                                         "first after Echo",
                                         "first disconnecting: client_left",
                                         "second disconnecting: client_left",
                                         "own disconnecting: client_left",
                                         "hub disconnected",
                                         "own disconnected",
                                         "second disconnected",
                                         "first disconnected"}));
}

TEST_P(filters, let_every_kind_of_method_through) {
  set_up_made([](world& about) { return std::vector<hubbub::hub_filter>{marking_filter(about, "a")}; });
  client& one = on().connect();
  on().about.open("nothing later");

  EXPECT_EQ(one.call("Echo", {"x"}), completion("0", "x"));
  EXPECT_EQ(one.call("EchoLater", {"y"}), completion("1", "y"));
  EXPECT_EQ(one.call("Add", {2, 3}), completion("2", 5));
  EXPECT_EQ(one.call("Nothing"), completion("3", nullptr));
  EXPECT_EQ(one.call("NothingLater"), completion("4", nullptr));
  EXPECT_EQ(one.call("Kept"), completion("5", "kept"));
  EXPECT_EQ(one.error("Fail"),
            "An unexpected error occurred invoking 'Fail' on the server. HubException: the method failed");
  one.say_message({{"type", 1},
                   {"invocationId", "u"},
                   {"target", "Sum"},
                   {"arguments", json::array({1})},
                   {"streamIds", json::array({"s"})}});
  for (int i = 2; i <= 3; ++i) one.say_message({{"type", 2}, {"invocationId", "s"}, {"item", i}});
  one.say_message({{"type", 3}, {"invocationId", "s"}});
  EXPECT_EQ(one.completion_of("u"), completion("u", 6));
  EXPECT_EQ(on().about.count("a after Sum"), 1);
  EXPECT_EQ(on().about.count("a after Fail"), 0);
}

TEST_P(filters, see_the_stream_that_a_method_gives_and_may_replace_it) {
  struct doubling {
    static hubbub::stream<int> doubled(hubbub::stream<int> items) {
      while (auto item = co_await items.next()) co_yield *item * 2;
    }
    task<void> invoke(hub_invocation& call, filter_next next) {
      co_await next();
      if (!call.streams()) co_return;
      if (auto* items = call.result<hubbub::stream<int>>()) call.set_result(doubled(std::move(*items)));
    }
  };
  set_up_with_filters({doubling()});
  client& one = on().connect();

  for (const char* target : {"Numbers", "NumbersLater"}) {
    one.say_message({{"type", 4}, {"invocationId", target}, {"target", target}, {"arguments", json::array({3})}});
    EXPECT_EQ(one.completion_of(target), (json{{"type", 3}, {"invocationId", target}})) << target;
    std::vector<int> items;
    for (const json& message : one.news()) {
      if (message.at("type") == 2) items.push_back(message.at("item").get<int>());
    }
    EXPECT_EQ(items, (std::vector<int>{0, 2, 4})) << target;
  }
}

TEST_P(filters, read_and_replace_arguments_and_results_by_their_types) {
  set_up_with_filters({around_calls([](hub_invocation& call, filter_next next) -> task<void> {
    EXPECT_EQ(call.argument<double>(0), nullptr);
    EXPECT_EQ(call.argument<std::string>(2), nullptr);
    EXPECT_EQ(call.result<std::string>(), nullptr);
    if (auto* text = call.argument<std::string>(0)) *text += "!";
    if (auto* number = call.argument<int>(1)) *number *= 10;
    co_await next();
    EXPECT_EQ(call.result<double>(), nullptr);
    if (auto* text = call.result<std::string>()) *text += "?";
    if (auto* number = call.result<int>()) call.set_result(*number + 1);
  })});
  client& one = on().connect();

  EXPECT_EQ(one.result("Echo", {"hi"}), "hi!?");
  EXPECT_EQ(one.result("EchoLater", {"hi"}), "hi!?");
  EXPECT_EQ(one.result("Add", {2, 3}), 33);
  EXPECT_EQ(one.result("Kept"), "kept?");
}

TEST_P(filters, count_only_what_the_client_sends_as_arguments) {
  std::vector<std::size_t> counts;
  std::vector<std::string> ids;
  std::mutex mutex;
  set_up_with_filters({around_calls([&](hub_invocation& call, filter_next next) {
    const std::lock_guard lock(mutex);
    counts.push_back(call.arguments());
    ids.push_back(call.id());
    return next();
  })});
  client& one = on().connect();

  std::ignore = one.result("Header", {"x"});
  std::ignore = one.result("Kept");
  one.tell("Add", {1, 2});
  std::ignore = one.result("Kept");

  const std::lock_guard lock(mutex);
  EXPECT_EQ(counts, (std::vector<std::size_t>{1, 0, 2, 0}));
  EXPECT_EQ(ids, (lines{"0", "1", "", "2"}));
}

TEST_P(filters, may_answer_instead_of_the_method) {
  set_up_with_filters({around_calls([](hub_invocation& call, filter_next) -> task<void> {
    if (call.method() == "Echo") call.set_result(std::string("from the filter"));
    co_return;
  })});
  client& one = on().connect();

  EXPECT_EQ(one.call("Echo", {"x"}), completion("0", "from the filter"));
  EXPECT_EQ(one.call("Add", {1, 2}), completion("1", nullptr));
  EXPECT_EQ(one.call("Nothing"), completion("2", nullptr));
  EXPECT_EQ(on().about.count("nothing"), 0);
  one.say_message({{"type", 4}, {"invocationId", "s"}, {"target", "Numbers"}, {"arguments", json::array({3})}});
  EXPECT_EQ(one.completion_of("s"),
            failure("s",
                    "The value returned by the streaming method 'Numbers' is not a ChannelReader<> or "
                    "IAsyncEnumerable<>."));
}

TEST_P(filters, reject_calls_with_errors_like_those_of_methods) {
  set_up_with_filters({around_calls([](hub_invocation& call, filter_next next) -> task<void> {
    if (call.method() == "Echo") throw hub_error("not today");
    if (call.method() == "Add") throw std::runtime_error("secret");
    if (call.method() == "Numbers") throw hub_error("no numbers");
    if (call.method() == "Kept") call.set_result(7);
    co_await next();
    if (call.method() == "EchoLater") throw hub_error("too late");
  })});
  client& one = on().connect();
  const auto unexpected = [](const std::string& method) {
    return "An unexpected error occurred invoking '" + method + "' on the server.";
  };

  EXPECT_EQ(one.error("Echo", {"x"}), unexpected("Echo") + " HubException: not today");
  EXPECT_EQ(one.error("Add", {1, 2}), unexpected("Add"));
  EXPECT_EQ(one.error("EchoLater", {"x"}), unexpected("EchoLater") + " HubException: too late");
  EXPECT_EQ(one.error("Kept"), unexpected("Kept"));
  one.say_message({{"type", 4}, {"invocationId", "s"}, {"target", "Numbers"}, {"arguments", json::array({3})}});
  EXPECT_EQ(one.completion_of("s"), failure("s", unexpected("Numbers") + " HubException: no numbers"));
  EXPECT_EQ(on().log->count("FilteredHub.Add threw std::runtime_error: secret"), 1u);
  EXPECT_EQ(on().log->count("the result of Kept is a std::"), 1u);
  one.tell("Echo", {"nobody hears the error"});
  EXPECT_EQ(one.result("Nothing"), nullptr);
}

TEST_P(filters, may_turn_errors_of_methods_into_results) {
  set_up_with_filters({around_calls([](hub_invocation&, filter_next next) -> task<void> {
    try {
      co_await next();
    } catch (const hub_error&) {
    }
  })});

  EXPECT_EQ(on().connect().call("Fail"), completion("0", nullptr));
}

TEST_P(filters, run_behind_binding_and_authorization) {
  set_up_made([](world& about) { return std::vector<hubbub::hub_filter>{marking_filter(about, "a")}; });
  client& one = on().connect();

  EXPECT_EQ(one.error("Members"), "Failed to invoke 'Members' because user is unauthorized");
  EXPECT_EQ(one.error("Add", {1, "x"}), "Failed to invoke 'Add' due to an error on the server.");
  EXPECT_NE(one.error("Unknown").find("Method does not exist"), std::string::npos);

  EXPECT_EQ(on().about.journal(), (lines{"a connecting to FilteredHub", "hub connected", "a connected"}));
}

TEST_P(filters, may_wait_and_calls_keep_their_order) {
  set_up_made([](world& about) {
    return std::vector<hubbub::hub_filter>{[&about](hub_invocation& call, filter_next next) -> task<void> {
      if (call.method() == "Echo") co_await about.gate("filter");
      co_await next();
    }};
  });
  client& one = on().connect();
  const std::string first = one.begin("Echo", {"x"});
  const std::string second = one.begin("Add", {1, 2});
  ASSERT_TRUE(on().wait([&] { return on().about.waiting_locked("filter") == 1; }, "the filter"));
  EXPECT_FALSE(one.has_completion(second));

  on().about.open("filter");

  EXPECT_EQ(one.completion_of(second), completion(second, 3));
  EXPECT_EQ(one.news(), (std::vector<json>{completion(first, "x"), completion(second, 3)}));
}

TEST_P(filters, are_cancelled_with_their_call) {
  set_up_made([](world& about) {
    return std::vector<hubbub::hub_filter>{[&about](hub_invocation&, filter_next next) -> task<void> {
      try {
        co_await hubbub::sleep(1h);
      } catch (const hubbub::operation_cancelled&) {
        about.note("filter cancelled");
        throw;
      }
      co_await next();
    }};
  });
  client& one = on().connect();
  const std::string id = one.begin("Echo", {"x"});
  one.cancel(id);
  EXPECT_EQ(one.completion_of(id).at("error"), "An unexpected error occurred invoking 'Echo' on the server.");
  one.begin("Echo", {"x"});
  one.leave();

  ASSERT_TRUE(on().wait([&] { return on().about.count_locked("filter cancelled") == 2; }, "both calls"));
  EXPECT_EQ(on().about.count("echo x"), 0);
}

TEST_P(filters, may_ask_clients_as_methods_may) {
  set_up_with_filters({around_calls([](hub_invocation& call, filter_next next) -> task<void> {
    auto asked = call.hub().clients().caller().invoke<bool>("Confirm", std::string(call.method()));
    const bool allowed = co_await asked;
    if (!allowed) throw hub_error("the client said no");
    co_await next();
  })});
  client& one = on().connect();
  const std::string id = one.begin("Kept");
  const json question = one.next();
  EXPECT_EQ(question.at("target"), "Confirm");

  one.say_message(completion(question.at("invocationId"), true));

  EXPECT_EQ(one.completion_of(id), completion(id, "kept"));
}

TEST_P(filters, that_go_on_twice_are_told_so) {
  set_up_with_filters({around_calls([](hub_invocation&, filter_next next) -> task<void> {
    co_await next();
    co_await next();
  })});

  EXPECT_EQ(on().connect().error("Kept"), "An unexpected error occurred invoking 'Kept' on the server.");
  EXPECT_EQ(on().log->count("a filter called next() twice"), 1u);
  EXPECT_EQ(on().about.count("hub connected"), 1);
}

TEST_P(filters, may_give_an_empty_task) {
  set_up_with_filters({around_calls([](hub_invocation&, filter_next next) { return next(); }),
                       around_calls([](hub_invocation&, filter_next) { return task<void>(); })});

  EXPECT_EQ(on().connect().call("Kept"), completion("0", nullptr));
}

TEST_P(filters, see_hub_user_and_connection) {
  set_up_made([](world& about) {
    return std::vector<hubbub::hub_filter>{[&about](hub_invocation& call, filter_next next) {
      about.note(call.hub().user_id() + " at " + std::string(call.hub().request().path()) + " of " +
                 call.hub().connection_id());
      about.note(call.hub_as<filtered_hub>() == &call.hub() ? "its hub" : "another hub");
      about.note(call.hub_as<stranger>() == nullptr ? "no stranger" : "a stranger");
      return next();
    }};
  });
  client& one = on().connect({.target = "/story?user=ada"});

  EXPECT_EQ(one.result("Kept"), "kept");

  EXPECT_EQ(on().about.journal(), (lines{"hub connected", "ada at /story of " + one.id(), "its hub", "no stranger"}));
}

}  // namespace filter_story
