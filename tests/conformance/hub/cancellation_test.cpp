// What ends a wait early: CancelInvocation, the end of the connection; and what spawned tasks and waiters see of it.
#include "suite.hpp"

namespace {

using namespace hub_story;

class cancelled : public suite {};
HUB_STORY_CELLS(cancelled);

TEST_P(cancelled, invocations_still_get_their_completion) {
  client& one = on().connect();
  const std::string kindly = one.begin("SleepUnlessCancelled", {"kindly"});
  one.cancel(kindly);
  EXPECT_EQ(one.completion_of(kindly), completion(kindly, true));

  const std::string rethrown = one.begin("SleepUnlessCancelled", {"rethrow"});
  one.cancel(rethrown);
  EXPECT_EQ(one.completion_of(rethrown),
            failure(rethrown, "An unexpected error occurred invoking 'SleepUnlessCancelled' on the server."));

  const std::string unaware = one.begin("Delay", {30'000});
  one.cancel(unaware);
  EXPECT_EQ(one.completion_of(unaware),
            failure(unaware, "An unexpected error occurred invoking 'Delay' on the server."));
  EXPECT_EQ(on().about.count("slept"), 0);
}

TEST_P(cancelled, only_the_invocation_that_was_named) {
  set_up([](hubbub::hub_settings& settings) { settings.max_parallel_invocations = 3; });
  client& one = on().connect();
  const std::string first = one.begin("SleepUnlessCancelled", {"first"});
  const std::string second = one.begin("SleepUnlessCancelled", {"second"});

  one.cancel("nobody");
  one.cancel(second);

  EXPECT_EQ(one.completion_of(second), completion(second, true));
  EXPECT_FALSE(one.has_completion(first));
  EXPECT_EQ(on().about.count("cancelled first"), 0);
}

TEST_P(cancelled, a_second_cancel_changes_nothing) {
  client& one = on().connect();
  const std::string id = one.begin("SleepUnlessCancelled", {"kindly"});

  one.cancel(id);
  one.cancel(id);
  std::ignore = one.completion_of(id);

  EXPECT_EQ(one.news().size(), 1u);
  EXPECT_EQ(one.result("IsCancelled"), false);
}

TEST_P(cancelled, sleeps_end_when_the_client_leaves) {
  client& one = on().connect();
  one.begin("SleepUnlessCancelled", {"kindly"});
  on().settle();

  one.leave();

  on().wait([&] { return on().about.count_locked("cancelled kindly") == 1; }, "the sleep's end");
  on().wait([&] { return on().about.hubs_alive.load() == 0; }, "the hub object's end");
}

TEST_P(cancelled, cancellation_is_no_argument) {
  client& one = on().connect();

  EXPECT_EQ(one.result("IsCancelled"), false);
  EXPECT_EQ(one.error("IsCancelled", {1}), "Failed to invoke 'IsCancelled' due to an error on the server.");
}

TEST_P(cancelled, spawned_tasks_run_beside_methods_and_end_with_the_connection) {
  client& one = on().connect();
  EXPECT_TRUE(one.call("StartBackground", {"sleeper"}).contains("result"));
  EXPECT_EQ(one.result("Echo", {"free"}), "free");

  one.leave();

  on().wait([&] { return on().about.count_locked("background sleeper was cancelled") == 1; }, "the task's end");
}

TEST_P(cancelled, spawned_tasks_may_outlive_the_connection_and_keep_the_hub_object) {
  client& one = on().connect();
  std::ignore = one.result("StartBackground", {"gate"});
  one.leave();
  on().wait([&] { return on().about.count_locked("disconnected to the end") == 1; }, "on_disconnected");
  EXPECT_EQ(on().about.hubs_alive.load(), 1);

  on().about.open("background");

  on().wait([&] { return on().about.count_locked("background gate ends") == 1; }, "the task's end");
  on().wait([&] { return on().about.hubs_alive.load() == 0; }, "the hub object's end");
}

TEST_P(cancelled, exceptions_of_spawned_tasks_are_logged) {
  client& one = on().connect();

  std::ignore = one.result("StartBackground", {"throw"});

  EXPECT_EQ(one.result("Echo", {"fine"}), "fine");
  EXPECT_EQ(on().log->count("threw std::runtime_error: background is broken"), 1u);
}

TEST_P(cancelled, waits_for_a_slow_recipient_end_too) {
  client& one = on().connect({.shard = 0});
  client& slow = on().connect({.shard = 0});
  slow.stop_reading();
  const std::string pours = one.begin("Pour", {slow.id(), 500});
  on().settle();
  EXPECT_FALSE(one.has_completion(pours));

  one.cancel(pours);

  EXPECT_EQ(one.completion_of(pours), failure(pours, "An unexpected error occurred invoking 'Pour' on the server."));
  EXPECT_EQ(on().about.count("poured"), 0);
  slow.read_again();
  EXPECT_EQ(one.result("Echo", {"fine"}), "fine");
}

TEST_P(cancelled, waits_for_a_slow_recipient_end_with_the_caller) {
  client& one = on().connect({.shard = 0});
  client& slow = on().connect({.shard = 0});
  slow.stop_reading();
  one.begin("Pour", {slow.id(), 500});
  on().settle();

  one.leave();
  on().settle();

  on().wait([&] { return on().about.hubs_alive.load() == 1; }, "the caller's hub object's end");
}

}  // namespace
