// W3C Trace Context: what is taken, and what counts as absent.
#include "hubbub/hub/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using hubbub::trace_context;

const std::string trace = "0af7651916cd43dd8448eb211c80319c";
const std::string span = "b7ad6b7169203331";
const std::string good = "00-" + trace + "-" + span + "-01";

std::string state_of(const std::string& state) {
  const auto read = trace_context::parse(good, state);
  return read ? read->state : "no trace";
}

TEST(trace_contexts, are_read) {
  const auto read = trace_context::parse(good, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");

  ASSERT_TRUE(read);
  EXPECT_EQ(read->trace_id, trace);
  EXPECT_EQ(read->parent_id, span);
  EXPECT_EQ(read->flags, 1);
  EXPECT_TRUE(read->sampled());
  EXPECT_EQ(read->state, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  EXPECT_FALSE(trace_context::parse("00-" + trace + "-" + span + "-fe")->sampled());
  EXPECT_EQ(trace_context::parse("00-" + trace + "-" + span + "-fe")->flags, 0xfe);
}

TEST(trace_contexts, of_later_versions_are_read_up_to_their_flags) {
  EXPECT_TRUE(trace_context::parse("01-" + trace + "-" + span + "-01"));
  EXPECT_TRUE(trace_context::parse("cc-" + trace + "-" + span + "-01-what the future brings"));
  EXPECT_EQ(trace_context::parse("cc-" + trace + "-" + span + "-03-x")->flags, 3);
}

TEST(trace_contexts, that_are_malformed_are_absent) {
  const std::string zeros(32, '0');
  for (const std::string& wrong : {
           std::string(),
           std::string("00"),
           good.substr(0, good.size() - 1),
           good + "0",
           good + "-00",                         // version 00 has nothing behind its flags
           "cc-" + trace + "-" + span + "-010",  // later versions go on with a dash
           "ff-" + trace + "-" + span + "-01",   // a version that must not be
           "0x-" + trace + "-" + span + "-01",   //
           "00-" + zeros + "-" + span + "-01",   // ids of zeros
           "00-" + trace + "-" + zeros.substr(16) + "-01",
           "00-0AF7651916CD43DD8448EB211C80319C-" + span + "-01",  // upper case
           "00-" + trace + "-B7AD6B7169203331-01",
           "00-" + trace + "-" + span + "-0A",
           "00-" + trace + "-" + span + "-0g",
           "00_" + trace + "-" + span + "-01",
           "00-" + trace + "_" + span + "-01",
           "00-" + trace + "-" + span + "_01",
           "00-" + trace.substr(1) + "g-" + span + "-01",
           " " + good,
           good + " ",
       }) {
    EXPECT_FALSE(trace_context::parse(wrong, "a=1")) << wrong;
  }
}

TEST(trace_contexts, keep_their_state_as_it_came) {
  for (const std::string& state :
       {std::string("a=1"), std::string("a=1, b=2 ,\tc=3"), std::string("a=1,,b=2,"), std::string("1tenant@system=x"),
        std::string("a_-*/0=!\"#;~"), std::string("a= leading space")}) {
    EXPECT_EQ(state_of(state), state);
  }
}

TEST(trace_contexts, drop_a_malformed_state_alone) {
  std::string many;
  for (int i = 0; i < 33; ++i) many += "a" + std::to_string(i) + "=1,";
  for (const std::string& state :
       {std::string("a"), std::string("=1"), std::string("A=1"), std::string("1=1"), std::string("a="),
        std::string("a=1=2"), std::string("a=\x01"), std::string("a=\xc3\xbc"), std::string("a@=1"),
        std::string("a@toolongforasystem=1"), std::string(" , ,"), std::string("a=1,b"), many,
        "a=" + std::string(257, 'x'), std::string(257, 'a') + "=1",
        "a=" + std::string(250, 'x') + ",b=" + std::string(250, 'x') + ",c=" + std::string(10, 'x')}) {
    EXPECT_EQ(state_of(state), "") << state;
  }
}

TEST(trace_contexts, are_written_for_calls_further_on) {
  const auto read = trace_context::parse("cc-" + trace + "-" + span + "-0b-more");

  ASSERT_TRUE(read);
  EXPECT_EQ(read->traceparent(), "00-" + trace + "-" + span + "-0b");
  EXPECT_EQ(read->traceparent("0123456789abcdef"), "00-" + trace + "-0123456789abcdef-0b");
  EXPECT_EQ(trace_context::parse(read->traceparent()), trace_context::parse("00-" + trace + "-" + span + "-0b"));
}

}  // namespace
