// Filters around calls, connecting and the end: order, what they see, what they replace, and how they reject.
#include <string>

#include "hubbub/hub.hpp"
#include "suite.hpp"

// Not nameless: coroutines that hold such a hub would warn where several files are compiled together.
namespace filter_story {

using namespace hub_story;
using namespace std::chrono_literals;
using hubbub::close_reason;
using hubbub::filter_next;
using hubbub::hub_base;
using hubbub::hub_error;
using hubbub::hub_invocation;
using hubbub::message_headers;
using hubbub::task;

class filtered_hub : public hubbub::hub<filtered_hub> {
 public:
  explicit filtered_hub(world& about) : about_(about) { about_.hub_begins(); }
  ~filtered_hub() override { about_.hub_ends(); }

  void on_connected() { about_.note("hub connected"); }
  void on_disconnected(const close_reason&) { about_.note("hub disconnected"); }

  std::string echo(std::string text) {
    about_.note("echo " + text);
    return text;
  }
  task<std::string> echo_later(std::string text) {
    co_await hubbub::sleep(0ms);
    co_return text;
  }
  int add(int left, int right) { return left + right; }
  void nothing() { about_.note("nothing"); }
  task<void> nothing_later() { co_await about_.gate("nothing later"); }
  const std::string& kept() const { return kept_; }
  void fail() { throw hub_error("the method failed"); }
  std::string members() const { return "members"; }
  hubbub::stream<int> numbers(int count) {
    for (int i = 0; i < count; ++i) co_yield i;
  }
  task<hubbub::stream<int>> numbers_later(int count) {
    co_await hubbub::sleep(0ms);
    co_return numbers(count);
  }
  task<int> sum(int begin, hubbub::stream_reader<int> in, hubbub::cancellation cancel) {
    while (auto item = co_await in.next()) begin += *item;
    co_return cancel.requested() ? -1 : begin;
  }
  task<int> ask() {
    auto call = clients().caller().invoke<int>("Answer", 7);
    const int answer = co_await call;
    co_return answer;
  }
  std::string header(std::string name, message_headers headers) {
    return std::string(headers.get(name).value_or("none")) + " of " + std::to_string(headers.size());
  }
  task<std::string> header_later(const message_headers& headers, std::string name) {
    co_await hubbub::sleep(0ms);
    co_return std::string(headers.get(name).value_or("none"));
  }
  task<void> crash_later() {
    co_await hubbub::sleep(0ms);
    throw std::runtime_error("secret");
  }
  void crash() { throw std::runtime_error("secret"); }
  hubbub::stream<int> crash_streaming() {
    co_yield 1;
    throw std::runtime_error("secret");
  }

  using methods = hubbub::methods<&filtered_hub::echo, &filtered_hub::echo_later, &filtered_hub::add,
                                  &filtered_hub::nothing, &filtered_hub::nothing_later, &filtered_hub::kept,
                                  &filtered_hub::fail, hubbub::authorized<"admin">(&filtered_hub::members),
                                  &filtered_hub::numbers, &filtered_hub::numbers_later, &filtered_hub::sum,
                                  &filtered_hub::ask, &filtered_hub::header, &filtered_hub::header_later,
                                  &filtered_hub::crash_later, &filtered_hub::crash, &filtered_hub::crash_streaming>;

 private:
  world& about_;
  std::string kept_ = "kept";
};

class bare_hub : public hubbub::hub<bare_hub> {
 public:
  using methods = hubbub::methods<>;
};

class stranger : public hubbub::hub<stranger> {
 public:
  using methods = hubbub::methods<>;
};

// Writes down when it is entered and left, in all hooks.
class marking_filter {
 public:
  marking_filter(world& about, std::string name) : about_(about), name_(std::move(name)) {}

  task<void> invoke(hub_invocation& call, filter_next next) {
    about_.note(name_ + " before " + std::string(call.method()));
    co_await next();
    about_.note(name_ + " after " + std::string(call.method()));
  }
  task<void> on_connected(hub_base& hub, filter_next next) {
    about_.note(name_ + " connecting to " + hub.hub_name());
    co_await next();
    about_.note(name_ + " connected");
  }
  task<void> on_disconnected(hub_base&, const close_reason& why, filter_next next) {
    about_.note(name_ + " disconnecting: " + std::string(name_of(why.cause)));
    co_await next();
    about_.note(name_ + " disconnected");
  }

 private:
  world& about_;
  std::string name_;
};

// A function that filters calls; its captures live as long as the filter.
template <class Act>
hubbub::hub_filter around_calls(Act act) {
  return hubbub::hub_filter(std::move(act));
}

class filters : public suite {
 protected:
  stage& set_up_with_filters(std::vector<hubbub::hub_filter> of_all, std::vector<hubbub::hub_filter> own = {}) {
    return set_up_mapped([=](hubbub::hub_host& host, world& about) {
      auto endpoint = hubbub::make_hub_endpoint<filtered_hub>(host, std::ref(about));
      for (const auto& one : own) endpoint->add_filter(one);
      for (const auto& one : of_all) host.add_filter(one);
      return endpoints{std::move(endpoint)};
    });
  }
  // The same when the filters need the world.
  using make = std::function<std::vector<hubbub::hub_filter>(world&)>;
  stage& set_up_made(const make& of_all, const make& own = {}) {
    return set_up_mapped([=](hubbub::hub_host& host, world& about) {
      auto endpoint = hubbub::make_hub_endpoint<filtered_hub>(host, std::ref(about));
      if (own) {
        for (const auto& one : own(about)) endpoint->add_filter(one);
      }
      for (const auto& one : of_all(about)) host.add_filter(one);
      return endpoints{std::move(endpoint)};
    });
  }
  static json with_headers(const std::string& id, const std::string& target, const json& arguments,
                           const json& headers) {
    return {{"type", 1}, {"headers", headers}, {"invocationId", id}, {"target", target}, {"arguments", arguments}};
  }
};
HUB_STORY_CELLS(filters);

using lines = std::vector<std::string>;

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

TEST_P(filters, refuse_connections_by_what_they_throw) {
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

TEST_P(filters, may_leave_out_the_hooks_of_the_hub) {
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

TEST_P(filters, around_hubs_without_hooks_run_all_the_same) {
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

TEST_P(filters, that_fail_at_the_end_are_logged) {
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

TEST_P(filters, hold_the_messages_of_a_client_while_they_open) {
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

// Without filters too: the methods read them.
class headers_of_messages : public filters {};
HUB_STORY_CELLS(headers_of_messages);

TEST_P(headers_of_messages, reach_methods_that_take_them) {
  set_up_with_filters({});
  client& one = on().connect();

  one.say_message(with_headers("a", "Header", {"x"}, {{"x", "1"}, {"y", "\u00fc \"quoted\""}}));
  EXPECT_EQ(one.completion_of("a"), completion("a", "1 of 2"));
  one.say_message(with_headers("b", "HeaderLater", {"y"}, {{"x", "1"}, {"y", "\u00fc \"quoted\""}}));
  EXPECT_EQ(one.completion_of("b"), completion("b", "\u00fc \"quoted\""));
  one.say_message(with_headers("c", "Header", {"X"}, {{"x", "1"}}));
  EXPECT_EQ(one.completion_of("c"), completion("c", "none of 1"));
  one.say_message(with_headers("d", "Header", {"x"}, json::object()));
  EXPECT_EQ(one.completion_of("d"), completion("d", "none of 0"));
  EXPECT_EQ(one.result("Header", {"x"}), "none of 0");  // those of the message before are gone
}

TEST_P(headers_of_messages, reach_filters_also_after_a_wait) {
  set_up_made([](world& about) {
    return std::vector<hubbub::hub_filter>{[&about](hub_invocation& call, filter_next next) -> task<void> {
      co_await hubbub::sleep(0ms);
      about.note("x is " + std::string(call.headers().get("x").value_or("absent")));
      const auto trace = call.headers().trace();
      about.note(trace ? trace->trace_id + " " + trace->state : "no trace");
      co_await next();
    }};
  });
  client& one = on().connect();
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";

  one.say_message(
      with_headers("a", "Header", {"x"},
                   {{"x", "1"}, {"traceparent", "00-" + trace + "-b7ad6b7169203331-01"}, {"tracestate", "a=1,b=2"}}));
  EXPECT_EQ(one.completion_of("a"), completion("a", "1 of 3"));
  one.say_message(with_headers("b", "Kept", json::array(), {{"traceparent", "00-" + trace + "-b7ad6b7169203331"}}));
  EXPECT_EQ(one.completion_of("b"), completion("b", "kept"));

  EXPECT_EQ(on().about.journal(), (lines{"hub connected", "x is 1", trace + " a=1,b=2", "x is absent", "no trace"}));
}

TEST_P(headers_of_messages, bring_their_trace_into_the_log) {
  set_up_with_filters({});
  client& one = on().connect();
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const json headers{{"traceparent", "00-" + trace + "-b7ad6b7169203331-01"}};

  one.say_message(with_headers("a", "Crash", json::array(), headers));
  std::ignore = one.completion_of("a");
  EXPECT_EQ(on().log->count("FilteredHub.Crash threw std::runtime_error: secret (connection " + one.id() + ", trace " +
                            trace + ")"),
            1u);
  one.say_message(with_headers("b", "CrashLater", json::array(), headers));
  std::ignore = one.completion_of("b");
  EXPECT_EQ(on().log->count(", trace " + trace + ")"), 2u);
  json streaming = with_headers("c", "CrashStreaming", json::array(), headers);
  streaming["type"] = 4;
  one.say_message(streaming);
  std::ignore = one.completion_of("c");
  EXPECT_EQ(on().log->count(", trace " + trace + ")"), 3u);
  std::ignore = one.error("Crash");
  EXPECT_EQ(on().log->count("trace"), 3u);
}

}  // namespace filter_story
