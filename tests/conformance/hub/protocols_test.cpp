// Two hub protocols at one hub: the choice in the handshake, and what is sent to clients of both.
#include <atomic>

#include "suite.hpp"

namespace {

using namespace hub_story;

// A value that counts how often it is written.
struct counted {
  std::string text;
  std::atomic<int>* times;
};

}  // namespace

template <>
struct hubbub::value_codec<counted> {
  static void write(value_writer& writer, const counted& value) {
    ++*value.times;
    writer.write(std::string_view(value.text));
  }
};

namespace {

std::atomic<int> times_written = 0;

class counting_hub : public hubbub::hub<counting_hub> {
 public:
  explicit counting_hub(world&) {}
  void broadcast(std::string text) { clients().all().send("Receive", counted{text, &times_written}); }
  void notify(std::string text) { clients().caller().send("Receive", counted{text, &times_written}); }
  using methods = hubbub::methods<&counting_hub::broadcast, &counting_hub::notify>;
};

class protocols : public suite {
 protected:
  void SetUp() override { times_written = 0; }
  std::string refusal_of(arrival how, const std::string& protocol) {
    client& one = on().arrive(std::move(how));
    one.say(R"({"protocol":")" + protocol + "\",\"version\":1}\x1e");
    EXPECT_EQ(one.wait_for_end(), end::finished);
    const std::vector<std::string> writes = one.writes();
    return writes.empty() ? "" : writes.front();
  }
};
HUB_STORY_CELLS(protocols);

TEST_P(protocols, of_the_receivers_decide_how_often_a_send_to_many_is_written) {
  set_up_with<counting_hub>();
  std::vector<client*> all;
  for (unsigned shard = 0; shard < on().shard_count(); ++shard) {
    for (const wire_form form : {wire_form::json, wire_form::messagepack, wire_form::messagepack}) {
      all.push_back(&on().connect({.shard = shard, .form = form}));
    }
  }

  std::ignore = all.front()->result("Broadcast", {"to all"});

  for (client* one : all) EXPECT_EQ(one->next(), receive("to all"));
  EXPECT_EQ(times_written, 2);
}

TEST_P(protocols, that_nobody_speaks_cost_nothing) {
  set_up_with<counting_hub>();
  client& one = on().connect({.form = wire_form::json});
  on().connect({.form = wire_form::messagepack}).leave();
  on().settle();

  std::ignore = one.result("Broadcast", {"to all"});

  EXPECT_EQ(times_written, 1);
}

TEST_P(protocols, of_one_receiver_is_the_only_one_written) {
  set_up_with<counting_hub>();
  client& one = on().connect();

  std::ignore = one.result("Notify", {"to you"});

  EXPECT_EQ(times_written, 1);
}

TEST_P(protocols, compare_without_case_and_are_those_of_the_settings) {
  set_up([](hubbub::hub_settings& settings) { settings.protocols = {hubbub::protocol_kind::messagepack}; });
  client& one = on().arrive({.form = wire_form::messagepack});
  one.say("{\"protocol\":\"MessagePack\",\"version\":1}\x1e");

  EXPECT_EQ(one.call("Echo", {"a"}), completion("0", "a"));
  EXPECT_EQ(refusal_of({}, "json"), "{\"error\":\"The protocol 'json' is not supported.\"}\x1e");
}

TEST_P(protocols, of_bytes_are_refused_where_only_text_travels) {
  const std::string error =
      "{\"error\":\"Cannot use the 'messagepack' protocol on the current transport. The transport does not support "
      "'Binary' transfer format.\"}\x1e";

  EXPECT_EQ(refusal_of({.text_only = true}, "messagepack"), error);
  EXPECT_EQ(refusal_of({.text_only = true}, "MESSAGEPACK"), error);
  client& text = on().connect({.text_only = true, .form = wire_form::json});
  EXPECT_EQ(text.result("Echo", {"x"}), "x");
}

TEST_P(protocols, of_bytes_take_lengths_at_their_word) {
  set_up([](hubbub::hub_settings& settings) {
    settings.detailed_errors = true;
    settings.max_message_size = 1000;
  });
  const auto answer_to = [&](std::string_view length) {
    client& one = on().connect({.form = wire_form::messagepack});
    one.say(length);
    EXPECT_EQ(one.wait_for_end(), end::finished);
    return one.news().back();
  };

  EXPECT_EQ(answer_to("\xe7\x07"),  // 999 bytes and the two of the length
            closed_with_error(" InvalidDataException: The maximum message size of 1000B was exceeded. The message size "
                              "can be configured in AddHubOptions."));
  EXPECT_EQ(answer_to("\xff\xff\xff\xff\xff"),
            closed_with_error(" FormatException: Messages over 2GB in size are not supported."));
}

}  // namespace
