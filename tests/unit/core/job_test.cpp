// Jobs: small ones inside, large ones outside, moved and dropped without a trace.
#include "hubbub/core/job.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

using hubbub::job;

TEST(job, an_empty_job_says_so) {
  job none;

  EXPECT_FALSE(none);
  job moved = std::move(none);
  EXPECT_FALSE(moved);
}

TEST(job, runs_small_and_large_callables) {
  int small = 0;
  std::array<int, 100> many{};
  many.back() = 5;
  int large = 0;
  job little([&small] { ++small; });
  job big([&large, many] { large = many.back(); });

  little();
  big();

  EXPECT_EQ(small, 1);
  EXPECT_EQ(large, 5);
}

TEST(job, owns_move_only_callables) {
  auto owned = std::make_unique<int>(7);
  int seen = 0;
  job work([owned = std::move(owned), &seen] { seen = *owned; });
  job moved = std::move(work);

  moved();

  EXPECT_EQ(seen, 7);
  EXPECT_FALSE(work);  // NOLINT(bugprone-use-after-move): that is the promise
}

TEST(job, what_it_holds_dies_with_it_once) {
  const auto small = std::make_shared<int>(1);
  const auto large = std::make_shared<int>(2);
  {
    const std::array<char, 200> ballast{};
    job one([small] {});
    job two([large, ballast] { std::ignore = ballast; });
    job three = std::move(one);
    three = std::move(two);
    EXPECT_EQ(small.use_count(), 1);
    EXPECT_EQ(large.use_count(), 2);
    std::vector<job> grown;
    for (int i = 0; i < 50; ++i) grown.emplace_back([small, large] {});
    EXPECT_EQ(small.use_count(), 51);
  }
  EXPECT_EQ(small.use_count(), 1);
  EXPECT_EQ(large.use_count(), 1);
}

TEST(job, assigning_a_job_to_itself_changes_nothing) {
  int runs = 0;
  job work([&runs] { ++runs; });
  job& same = work;

  work = std::move(same);
  work();

  EXPECT_EQ(runs, 1);
}

TEST(job, a_callable_that_may_throw_while_it_moves_is_kept_apart) {
  struct throws_on_move {
    std::shared_ptr<int> runs;
    explicit throws_on_move(std::shared_ptr<int> counter) : runs(std::move(counter)) {}
    throws_on_move(const throws_on_move&) = default;
    throws_on_move(throws_on_move&& other) noexcept(false) : runs(other.runs) {
      if (*runs < 0) throw std::runtime_error("moved too late");
    }
    void operator()() { ++*runs; }
  };
  const auto runs = std::make_shared<int>(0);
  job work{throws_on_move(runs)};
  *runs = -1;

  job moved = std::move(work);
  moved();

  EXPECT_EQ(*runs, 0);
}

TEST(job, exceptions_pass) {
  job work([] { throw std::runtime_error("no"); });

  EXPECT_THROW(work(), std::runtime_error);
}

}  // namespace
