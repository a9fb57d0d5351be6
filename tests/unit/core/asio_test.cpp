// The adapter to Boost.Asio: operations awaited with use_task, and asio::awaitable as a hub method's result.
#include "hubbub/asio.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/shards.hpp"

namespace {

using hubbub::io_context_of;
using hubbub::task;
using hubbub::use_task;
using hubbub_test::hand_shard;
using hubbub_test::shard_thread;
using hubbub_test::start;
using namespace std::chrono_literals;

template <class T>
T answer_of(std::future<T> answer) {
  if (answer.wait_for(hubbub_test::patience) != std::future_status::ready) throw std::runtime_error("no answer");
  return answer.get();
}

TEST(use_task, a_timer_can_be_awaited) {
  shard_thread on;
  const auto work = [](hubbub::shard& home) -> task<bool> {
    boost::asio::steady_timer timer(io_context_of(home), 1ms);
    co_await timer.async_wait(use_task);
    co_return home.is_current() && home.in_turn();
  };

  EXPECT_TRUE(answer_of(hubbub::spawn(on.home, work(on.home))));
}

TEST(use_task, an_error_code_is_thrown_as_system_error) {
  shard_thread on;
  const auto work = [](hubbub::shard& home) -> task<std::string> {
    boost::asio::steady_timer timer(io_context_of(home), 1h);
    home.defer([&timer] { timer.cancel(); });
    try {
      co_await timer.async_wait(use_task);
    } catch (const boost::system::system_error& error) {
      co_return error.code() == boost::asio::error::operation_aborted ? "aborted" : error.what();
    }
    co_return "no error";
  };

  EXPECT_EQ(answer_of(hubbub::spawn(on.home, work(on.home))), "aborted");
}

// An operation of the caller's own making that completes inside of its initiation, with these results.
template <class... Results, class Token>
auto complete_at_once(Token&& token, Results... results) {
  return boost::asio::async_initiate<Token, void(Results...)>(
      [](auto handler, Results... given) { std::move(handler)(std::move(given)...); }, token, std::move(results)...);
}

TEST(use_task, results_come_singly_or_as_a_tuple_with_or_without_an_error_code) {
  hand_shard on;
  const auto work = []() -> task<std::string> {
    const int plain = co_await complete_at_once(use_task, 3);
    const auto both = co_await complete_at_once(use_task, 4, std::string("x"));
    const std::string checked = co_await complete_at_once(use_task, boost::system::error_code(), std::string("y"));
    co_await complete_at_once(use_task, boost::system::error_code());
    co_await complete_at_once(use_task);
    co_return std::to_string(plain) + std::to_string(std::get<0>(both)) + std::get<1>(both) + checked;
  };

  EXPECT_EQ(start(on, work())->take(), "34xy");
}

TEST(use_task, an_operation_that_ends_on_another_thread_comes_home) {
  shard_thread on;
  boost::asio::io_context elsewhere;
  auto keep = boost::asio::make_work_guard(elsewhere);
  std::thread runs([&elsewhere] { elsewhere.run(); });
  const auto work = [](hubbub::shard& home, boost::asio::io_context& other) -> task<bool> {
    boost::asio::steady_timer timer(other, 1ms);
    co_await timer.async_wait(use_task);
    co_return home.is_current();
  };

  EXPECT_TRUE(answer_of(hubbub::spawn(on.home, work(on.home, elsewhere))));

  keep.reset();
  runs.join();
}

boost::asio::awaitable<std::string> asio_work(std::string text) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 1ms);
  co_await timer.async_wait(boost::asio::use_awaitable);
  if (text == "throw") throw std::runtime_error("in Asio");
  co_return text;
}
boost::asio::awaitable<void> nothing() { co_return; }

TEST(asio_awaitable, becomes_a_task_that_runs_on_the_shard) {
  shard_thread on;
  const auto work = [](hubbub::shard& home) -> task<std::string> {
    using adapter = hubbub::task_adapter<boost::asio::awaitable<std::string>>;
    const std::string text = co_await adapter::as_task(asio_work("through Asio"));
    co_await hubbub::task_adapter<boost::asio::awaitable<void>>::as_task(nothing());
    co_return home.is_current() ? text : "not at home";
  };

  EXPECT_EQ(answer_of(hubbub::spawn(on.home, work(on.home))), "through Asio");
}

TEST(asio_awaitable, its_exceptions_reach_who_awaits) {
  shard_thread on;
  const auto work = []() -> task<std::string> {
    auto made = hubbub::task_adapter<boost::asio::awaitable<std::string>>::as_task(asio_work("throw"));
    co_return co_await std::move(made);
  };

  EXPECT_THROW(answer_of(hubbub::spawn(on.home, work())), std::runtime_error);
}

}  // namespace
