// Streams in both directions and client results: order, errors, cancelling, limits, and who leaves in the middle.
#include <string>

#include "hubbub/hub.hpp"
#include "suite.hpp"

// Not nameless: coroutines that hold such a hub would warn where several files are compiled together.
namespace stream_story {

using namespace hub_story;
using namespace std::chrono_literals;

class stream_hub : public hubbub::hub<stream_hub> {
 public:
  explicit stream_hub(world& about) : about_(about) { about_.hub_begins(); }
  ~stream_hub() override { about_.hub_ends(); }

  hubbub::task<void> on_connected() {
    if (!request().query("ask")) co_return;
    auto call = clients().caller().invoke<int>("Answer", 1);
    try {
      std::ignore = co_await call;
    } catch (const std::logic_error& error) {
      about_.note(error.what());
    }
  }
  hubbub::stream<int> numbers(int count) {
    const mark end(about_, "numbers");
    for (int i = 0; i < count; ++i) co_yield i;
  }
  hubbub::stream<int> numbers_at_the_gate(std::string gate) {
    const mark end(about_, "gated");
    co_yield 1;
    co_await about_.gate(gate);
    co_yield 2;
  }
  hubbub::stream<int> slow_numbers() {
    const mark end(about_, "slow");
    for (int i = 0;; ++i) {
      co_yield i;
      co_await hubbub::sleep(1h);
    }
  }
  hubbub::stream<int> failing(int count) {
    for (int i = 0; i < count; ++i) co_yield i;
    throw hubbub::hub_error("enough");
  }
  hubbub::stream<int> crashing() {
    co_yield 1;
    throw std::runtime_error("secret");
  }
  hubbub::stream<int> nothing_at_all() { return {}; }
  hubbub::task<hubbub::stream<int>> later(int count) {
    if (count < 0) throw hubbub::hub_error("negative");
    co_return numbers(count);
  }
  std::string plain() const { return "plain"; }

  hubbub::task<int> sum(hubbub::stream_reader<int> in) {
    int total = 0;
    while (auto item = co_await in.next()) total += *item;
    co_return total;
  }
  hubbub::task<std::string> weave(std::string between, hubbub::stream_reader<std::string> a,
                                  hubbub::stream_reader<std::string> b) {
    std::string all;
    for (;;) {
      auto one = co_await a.next();
      auto two = co_await b.next();
      if (!one || !two) break;
      all += *one + between + *two + ";";
    }
    co_return all;
  }
  hubbub::task<int> count_at_the_gate(std::string gate, hubbub::stream_reader<std::string> in) {
    co_await about_.gate(gate);
    int count = 0;
    while (auto item = co_await in.next()) ++count;
    co_return count;
  }
  hubbub::task<int> first_only(hubbub::stream_reader<int> in) {
    const auto item = co_await in.next();
    co_return item.value_or(-1);
  }
  hubbub::stream<std::string> echo_all(hubbub::stream_reader<std::string> in) {
    const mark end(about_, "echo_all");
    while (auto item = co_await in.next()) co_yield std::move(*item);
  }

  hubbub::task<int> ask(std::string id, int x) {
    auto call = clients().client(id).invoke<int>("Answer", x);
    const int answer = co_await call;
    co_return answer;
  }
  hubbub::task<int> ask_quickly(std::string id) {
    auto call = clients().client(id).invoke<int>("Answer", 1);
    call.timeout(5s);
    const int answer = co_await call;
    co_return answer;
  }

  using methods =
      hubbub::methods<&stream_hub::numbers, &stream_hub::numbers_at_the_gate, &stream_hub::slow_numbers,
                      &stream_hub::failing, &stream_hub::crashing, &stream_hub::nothing_at_all, &stream_hub::later,
                      &stream_hub::plain, &stream_hub::sum, &stream_hub::weave, &stream_hub::count_at_the_gate,
                      &stream_hub::first_only, &stream_hub::echo_all, &stream_hub::ask, &stream_hub::ask_quickly>;

 private:
  // Destructors run however a stream ends.
  class mark {
   public:
    mark(world& about, std::string name) : about_(about), name_(std::move(name)) {}
    mark(const mark&) = delete;
    mark& operator=(const mark&) = delete;
    ~mark() { about_.note(name_ + " ended"); }

   private:
    world& about_;
    std::string name_;
  };
  world& about_;
};

}  // namespace stream_story

namespace {

using namespace hub_story;
using namespace std::chrono_literals;
using stream_story::stream_hub;

json item(const std::string& id, const json& value) { return {{"type", 2}, {"invocationId", id}, {"item", value}}; }
json done(const std::string& id) { return {{"type", 3}, {"invocationId", id}}; }
json failed(const std::string& id, const std::string& error) {
  return {{"type", 3}, {"invocationId", id}, {"error", error}};
}
json begin_stream(const std::string& id, const std::string& target, const json& arguments) {
  return {{"type", 4}, {"invocationId", id}, {"target", target}, {"arguments", arguments}};
}
json upload_call(const std::string& id, const std::string& target, const json& arguments, const json& streams) {
  return {{"type", 1}, {"invocationId", id}, {"target", target}, {"arguments", arguments}, {"streamIds", streams}};
}

class streams : public suite {
 protected:
  streams() { set_up_with<stream_hub>(); }
  void ended(const std::string& name, int times = 1) {
    on().wait([&] { return on().about.count_locked(name + " ended") == times; }, "the end of " + name);
  }
};
HUB_STORY_CELLS(streams);

TEST_P(streams, give_their_items_in_order_and_a_completion_without_result) {
  client& one = on().connect();

  one.say_message(begin_stream("s", "Numbers", {3}));

  for (int i = 0; i < 3; ++i) EXPECT_EQ(one.next(), item("s", i));
  EXPECT_EQ(one.next(), done("s"));
  ended("numbers");
}

TEST_P(streams, run_beside_calls) {
  client& one = on().connect();
  one.say_message(begin_stream("s", "NumbersAtTheGate", {"gate"}));
  EXPECT_EQ(one.next(), item("s", 1));

  EXPECT_EQ(one.result("Plain"), "plain");
  on().about.open("gate");

  EXPECT_EQ(one.completion_of("s"), done("s"));
}

TEST_P(streams, end_with_the_error_of_their_hub) {
  client& one = on().connect();
  const std::string failure = "An error occurred on the server while streaming results.";

  one.say_message(begin_stream("a", "Failing", {1}));
  one.say_message(begin_stream("b", "Crashing", json::array()));
  one.say_message(begin_stream("c", "NothingAtAll", json::array()));
  one.say_message(begin_stream("d", "Later", {-1}));
  one.say_message(begin_stream("e", "Later", {1}));

  EXPECT_EQ(one.completion_of("a"), failed("a", failure + " HubException: enough"));
  EXPECT_EQ(one.completion_of("b"), failed("b", failure));
  EXPECT_EQ(one.completion_of("c"), failed("c",
                                           "The value returned by the streaming method 'NothingAtAll' is not a "
                                           "ChannelReader<> or IAsyncEnumerable<>."));
  EXPECT_EQ(one.completion_of("d"),
            failed("d", "An unexpected error occurred invoking 'Later' on the server. HubException: negative"));
  EXPECT_EQ(one.completion_of("e"), done("e"));
}

TEST_P(streams, and_plain_methods_are_not_taken_for_one_another) {
  client& one = on().connect();

  EXPECT_EQ(one.error("Numbers", {1}),
            "The client attempted to invoke the streaming 'Numbers' method with a non-streaming invocation.");
  one.tell("Numbers", {1});  // ignored
  one.say_message(begin_stream("s", "Plain", json::array()));

  EXPECT_EQ(
      one.completion_of("s"),
      failed("s", "The client attempted to invoke the non-streaming 'Plain' method with a streaming invocation."));
}

TEST_P(streams, of_one_id_are_one_at_a_time) {
  client& one = on().connect();
  one.say_message(begin_stream("s", "NumbersAtTheGate", {"gate"}));
  EXPECT_EQ(one.next(), item("s", 1));

  one.say_message(begin_stream("s", "Numbers", {1}));

  EXPECT_EQ(one.next(), failed("s", "Invocation ID 's' is already in use."));
  on().about.open("gate");
  EXPECT_EQ(one.next(), item("s", 2));
  EXPECT_EQ(one.next(), done("s"));
}

TEST_P(streams, stop_when_the_client_cancels) {
  client& one = on().connect();
  one.say_message(begin_stream("s", "SlowNumbers", json::array()));
  EXPECT_EQ(one.next(), item("s", 0));

  one.cancel("s");
  one.cancel("nobody");

  EXPECT_EQ(one.next(), done("s"));
  ended("slow");
}

TEST_P(streams, stop_when_the_client_leaves) {
  client& waiting = on().connect();
  waiting.say_message(begin_stream("s", "SlowNumbers", json::array()));
  EXPECT_EQ(waiting.next(), item("s", 0));
  waiting.leave();
  ended("slow");

  client& deaf = on().connect();
  deaf.stop_reading();
  deaf.say_message(begin_stream("s", "Numbers", {1'000'000'000}));
  deaf.leave();
  ended("numbers");
}

TEST_P(streams, wait_for_a_client_that_does_not_read) {
  client& slow = on().connect();
  slow.stop_reading();
  slow.say_message(begin_stream("s", "Numbers", {100'000}));
  client& other = on().connect();

  EXPECT_EQ(other.result("Plain"), "plain");
  EXPECT_LT(slow.waiting_bytes(), 100u * 1024);
  slow.read_again();

  EXPECT_EQ(slow.completion_of("s"), done("s"));
}

TEST_P(streams, from_a_client_are_read_to_their_end) {
  client& one = on().connect();
  one.say_message(upload_call("c", "Sum", json::array(), {"u"}));
  for (int i = 1; i <= 100; ++i) one.say_message(item("u", i));
  one.say_message(done("u"));

  EXPECT_EQ(one.completion_of("c")["result"], 5050);
}

TEST_P(streams, from_a_client_may_be_several_beside_arguments) {
  client& one = on().connect();
  one.say_message(upload_call("c", "Weave", {"-"}, {"a", "b"}));
  one.say_message(item("b", "1"));
  one.say_message(item("b", "2"));
  one.say_message(item("a", "x"));
  one.say_message(item("a", "y"));
  one.say_message(done("b"));
  one.say_message(done("a"));

  EXPECT_EQ(one.completion_of("c")["result"], "x-1;y-2;");
}

TEST_P(streams, go_both_ways_at_once) {
  client& one = on().connect();
  json call = begin_stream("s", "EchoAll", json::array());
  call["streamIds"] = {"u"};
  one.say_message(call);
  for (const char* text : {"a", "b"}) {
    one.say_message(item("u", text));
    EXPECT_EQ(one.next(), item("s", text));
  }
  one.say_message(done("u"));

  EXPECT_EQ(one.next(), done("s"));
}

TEST_P(streams, from_a_client_must_be_as_many_as_the_method_declares) {
  client& one = on().connect();
  const auto refused = [](const std::string& id, const std::string& method, int sent, int expected) {
    return failed(id, "An unexpected error occurred invoking '" + method +
                          "' on the server. HubException: Client sent " + std::to_string(sent) +
                          " stream(s), Hub method expects " + std::to_string(expected) + ".");
  };

  one.say_message(upload_call("a", "Sum", json::array(), json::array()));
  one.say_message(upload_call("b", "Weave", {"-"}, {"x"}));
  one.say_message(upload_call("c", "Plain", json::array(), {"x"}));
  one.say_message(upload_call("d", "Weave", {"-"}, {"x", "x"}));

  EXPECT_EQ(one.completion_of("a"), refused("a", "Sum", 0, 1));
  EXPECT_EQ(one.completion_of("b"), refused("b", "Weave", 1, 2));
  EXPECT_EQ(one.completion_of("c"), refused("c", "Plain", 1, 0));
  EXPECT_EQ(one.completion_of("d"), failed("d", "Invocation ID 'x' is already in use."));
}

TEST_P(streams, from_a_client_may_end_with_an_error_or_with_nonsense) {
  client& one = on().connect();
  const std::string sum = "An unexpected error occurred invoking 'Sum' on the server. HubException: ";

  one.say_message(upload_call("a", "Sum", json::array(), {"x"}));
  one.say_message(failed("x", "no more"));
  one.say_message(upload_call("b", "Sum", json::array(), {"y"}));
  one.say_message(item("y", "text"));
  one.say_message(item("y", 1));
  one.say_message(item("nobody", 1));
  one.say_message(done("nobody"));

  EXPECT_EQ(one.completion_of("a"), failed("a", sum + "no more"));
  EXPECT_EQ(one.completion_of("b"), failed("b", sum + "Failed to bind Stream message."));
  EXPECT_EQ(one.result("Plain"), "plain");
}

TEST_P(streams, from_a_client_are_forgotten_with_their_method) {
  client& one = on().connect();
  one.say_message(upload_call("a", "FirstOnly", json::array(), {"x"}));
  one.say_message(item("x", 7));
  EXPECT_EQ(one.completion_of("a")["result"], 7);

  one.say_message(item("x", 8));
  one.say_message(upload_call("b", "FirstOnly", json::array(), {"x"}));
  one.say_message(item("x", 9));

  EXPECT_EQ(one.completion_of("b")["result"], 9);
}

TEST_P(streams, from_a_client_end_with_its_connection) {
  client& one = on().connect();
  json call = begin_stream("s", "EchoAll", json::array());
  call["streamIds"] = {"u"};
  one.say_message(call);
  one.say_message(item("u", "a"));
  EXPECT_EQ(one.next(), item("s", "a"));

  one.leave();

  ended("echo_all");
}

TEST_P(streams, from_a_client_fill_a_bounded_room_and_then_wait) {
  set_up_with<stream_hub>([](hubbub::hub_settings& settings) {
    settings.upload_limit = 64 * 1024;
    settings.max_message_size = 64 * 1024;
  });
  client& one = on().connect();
  one.say_message(upload_call("c", "CountAtTheGate", {"gate"}, {"u"}));
  const std::string large(8 * 1024, 'x');
  for (int i = 0; i < 64; ++i) one.say_message(item("u", large));
  one.say_message(done("u"));
  EXPECT_TRUE(one.asked_to_pause());
  EXPECT_GT(one.unread_by_server(), 0u);

  on().about.open("gate");

  EXPECT_EQ(one.completion_of("c")["result"], 64);
}

TEST_P(streams, are_limited_in_number) {
  set_up_with<stream_hub>([](hubbub::hub_settings& settings) { settings.max_streams = 2; });
  client& one = on().connect();
  one.say_message(begin_stream("a", "SlowNumbers", json::array()));
  one.say_message(begin_stream("b", "SlowNumbers", json::array()));

  one.say_message(begin_stream("c", "SlowNumbers", json::array()));

  EXPECT_EQ(one.completion_of("c")["error"],
            "Failed to invoke 'SlowNumbers' due to an error on the server. HubException: Too many streams are open "
            "(max_streams).");
  one.cancel("a");
  EXPECT_EQ(one.completion_of("a"), done("a"));
  one.say_message(begin_stream("d", "Numbers", {1}));
  EXPECT_EQ(one.completion_of("d"), done("d"));
}

class client_results : public suite {
 protected:
  client_results() { set_up_with<stream_hub>(); }
  // The call that came, and its answer.
  json asked(client& one) {
    json call = one.next();
    EXPECT_EQ(call.value("target", ""), "Answer") << call;
    return call;
  }
  static json answer(const json& call, const json& value) {
    return {{"type", 3}, {"invocationId", call["invocationId"]}, {"result", value}};
  }
  const std::string failure = "An unexpected error occurred invoking 'Ask' on the server.";
};
HUB_STORY_CELLS(client_results);

TEST_P(client_results, come_from_another_client) {
  client& asker = on().connect();
  client& other = on().connect();
  const std::string id = asker.begin("Ask", {other.id(), 7});

  const json call = asked(other);
  EXPECT_EQ(call["arguments"], json({7}));
  other.say_message(answer(call, 14));

  EXPECT_EQ(asker.completion_of(id)["result"], 14);
}

TEST_P(client_results, come_from_the_caller_behind_other_calls_of_it) {
  client& one = on().connect();
  const std::string id = one.begin("Ask", {one.id(), 7});
  const json call = asked(one);

  EXPECT_EQ(one.result("Plain"), "plain");  // the call that waits gave its slot back
  one.say_message(answer(call, 8));

  EXPECT_EQ(one.completion_of(id)["result"], 8);
}

TEST_P(client_results, may_be_errors_or_of_another_type) {
  client& asker = on().connect();
  client& other = on().connect();
  const auto ask = [&](const std::function<json(const json&)>& reply) {
    const std::string id = asker.begin("Ask", {other.id(), 1});
    other.say_message(reply(asked(other)));
    return asker.completion_of(id).value("error", "");
  };

  EXPECT_EQ(ask([](const json& call) { return failed(call["invocationId"], "Error: boom"); }),
            failure + " HubException: Error: boom");
  EXPECT_EQ(ask([](const json& call) { return answer(call, "text"); }),
            failure + " HubException: Error trying to deserialize result to int.");
  EXPECT_EQ(ask([](const json& call) { return done(call["invocationId"]); }),
            failure + " HubException: Client didn't provide a result.");
}

TEST_P(client_results, do_not_come_from_who_is_not_there_or_leaves) {
  client& asker = on().connect();
  client& other = on().connect();
  EXPECT_EQ(asker.error("Ask", {"nobody", 1}), failure);
  EXPECT_EQ(asker.error("Ask", {hubbub::connection_id::make(0).text(), 1}), failure);

  const std::string id = asker.begin("Ask", {other.id(), 1});
  std::ignore = asked(other);
  other.leave();

  EXPECT_EQ(asker.completion_of(id), failed(id, failure));
}

TEST_P(client_results, are_ignored_when_nobody_waits_for_them) {
  client& asker = on().connect();
  client& other = on().connect();
  const std::string id = asker.begin("Ask", {other.id(), 1});
  const json call = asked(other);
  asker.say_message(answer(call, 3));  // not the one who was asked
  other.say_message(answer(call, 4));
  other.say_message(answer(call, 5));

  EXPECT_EQ(asker.completion_of(id)["result"], 4);
  EXPECT_EQ(other.result("Plain"), "plain");
}

TEST_P(client_results, are_not_waited_for_by_who_leaves) {
  client& asker = on().connect();
  client& other = on().connect();
  std::ignore = asker.begin("Ask", {other.id(), 1});
  const json call = asked(other);

  asker.leave();
  other.say_message(answer(call, 4));

  EXPECT_EQ(other.result("Plain"), "plain");
}

TEST_P(client_results, are_refused_inside_on_connected) {
  std::ignore = on().connect({.target = "/story?ask=1"});

  EXPECT_EQ(on().about.count("Client results inside OnConnectedAsync Hub methods are not allowed."), 1);
}

TEST_P(client_results, may_be_asked_for_from_outside) {
  client& one = on().connect();
  const auto context = hubbub::make_hub_context<stream_hub>(on().host);
  const auto work = [](hubbub::hub_context<stream_hub> of, std::string id) -> hubbub::task<int> {
    auto call = of.clients().client(id).invoke<int>("Answer", 20);
    const int got = co_await call;
    co_return got;
  };

  auto promised = hubbub::spawn(context, work(context, one.id()));
  one.say_message(answer(asked(one), 21));
  on().settle();

  ASSERT_EQ(promised.wait_for(60s), std::future_status::ready);
  EXPECT_EQ(promised.get(), 21);
}

class client_results_in_time : public timed_suite {};
HUB_STORY_CELLS_BY_HAND(client_results_in_time);

TEST_P(client_results_in_time, are_waited_for_no_longer_than_said) {
  set_up_with<stream_hub>();
  client& asker = on().connect();
  client& other = on().connect();
  const std::string quick = asker.begin("AskQuickly", {other.id()});
  const json call = other.next();

  on().advance(6s);

  EXPECT_EQ(asker.completion_of(quick)["error"], "An unexpected error occurred invoking 'AskQuickly' on the server.");
  other.say_message({{"type", 3}, {"invocationId", call["invocationId"]}, {"result", 1}});
  EXPECT_EQ(other.result("Plain"), "plain");
}

}  // namespace
