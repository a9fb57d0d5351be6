// Headers of messages: how methods and filters get them, and the trace in them.
#include <string>

#include "filtered_hub.hpp"

namespace filter_story {

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
