// The adapter to Boost.Asio: the only public header of hub/ that applications include for it.
#pragma once

#include <utility>  // before Asio: Boost 1.74 forgets it

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>

#include "hubbub/core/shard_loop.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/hub/methods.hpp"

namespace hubbub::inline v0 {

/// The io_context of a shard: its timers, sockets and handlers run on the shard's thread. Valid as long as the shard.
/// Handlers run outside of a turn; wrap what touches connections in `shard::turn`.
[[nodiscard]] inline boost::asio::io_context& io_context_of(shard& home) { return home.loop().context; }

/// Completion token: makes any Asio operation awaitable in a task, for example
/// `co_await timer.async_wait(hubbub::use_task)`. The task goes on on its shard; an error code is thrown as
/// `boost::system::system_error`, other results are returned (several as a tuple). The operation ends by itself or
/// through its I/O object; cancelling the hub method does not stop it.
struct use_task_t {};
inline constexpr use_task_t use_task{};

namespace detail {

template <class... Results>
struct asio_outcome {
  using value = std::conditional_t<
      sizeof...(Results) == 0, void,
      std::conditional_t<sizeof...(Results) == 1, std::tuple_element_t<0, std::tuple<Results..., void>>,
                         std::tuple<Results...>>>;
  static value take(std::tuple<Results...>&& results) {
    if constexpr (sizeof...(Results) == 1) {
      return std::get<0>(std::move(results));
    } else if constexpr (sizeof...(Results) > 1) {
      return std::move(results);
    }
  }
};

/// The state of one operation: shared by the waiting task and the handler, which may come first or last.
template <class... Results>
struct asio_state {
  std::optional<std::tuple<Results...>> results;
  std::exception_ptr error;
  std::coroutine_handle<> waiting;
  const task_context* context = nullptr;
};

template <class Initiate, class... Results>
class asio_operation {
 public:
  using resumes_at_home = void;
  explicit asio_operation(Initiate initiate)
      : initiate_(std::move(initiate)), state_(std::make_shared<asio_state<Results...>>()) {}
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    state_->waiting = waiting;
    state_->context = &waiting.promise().context();
    initiate_(state_);
  }
  typename asio_outcome<Results...>::value await_resume() {
    if (state_->error != nullptr) std::rethrow_exception(state_->error);
    return asio_outcome<Results...>::take(std::move(*state_->results));
  }

 private:
  Initiate initiate_;
  std::shared_ptr<asio_state<Results...>> state_;
};

template <class... Results>
struct asio_handler {
  std::shared_ptr<asio_state<Results...>> state;
  template <class... Given>
  void operator()(boost::system::error_code error, Given&&... given) {
    if (error) {
      state->error = std::make_exception_ptr(boost::system::system_error(error));
    } else {
      state->results.emplace(std::forward<Given>(given)...);
    }
    come_home(*state->context, state->waiting);
  }
};

/// Without an error code in front.
template <class... Results>
struct asio_plain_handler {
  std::shared_ptr<asio_state<Results...>> state;
  template <class... Given>
  void operator()(Given&&... given) {
    state->results.emplace(std::forward<Given>(given)...);
    come_home(*state->context, state->waiting);
  }
};

template <class Handler, class State, class Initiation, class... Arguments>
auto begin_asio(Initiation&& initiation, Arguments&&... arguments) {
  return [initiation = std::forward<Initiation>(initiation),
          kept = std::make_tuple(std::forward<Arguments>(arguments)...)](const std::shared_ptr<State>& state) mutable {
    std::apply([&](auto&... argument) { std::move(initiation)(Handler{state}, std::move(argument)...); }, kept);
  };
}

}  // namespace detail

/// A hub method may return `boost::asio::awaitable<T>`; it runs on the shard's io_context.
template <class T>
struct task_adapter<boost::asio::awaitable<T>> {
  using value = T;
  static task<T> as_task(boost::asio::awaitable<T> work) {
    shard* home = shard::current();  // hub methods begin on their shard
    if constexpr (std::is_void_v<T>) {
      co_await spawned(home, std::move(work));
    } else {
      co_return co_await spawned(home, std::move(work));
    }
  }

 private:
  using outcome_holder = detail::outcome<T>;
  struct waiting_for {
    using resumes_at_home = void;
    shard* home;
    boost::asio::awaitable<T> work;
    std::shared_ptr<outcome_holder> result = std::make_shared<outcome_holder>();
    waiting_for(shard* at, boost::asio::awaitable<T> wanted) : home(at), work(std::move(wanted)) {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waiting) {
      const task_context* context = &waiting.promise().context();
      std::coroutine_handle<> handle = waiting;
      auto into = result;
      if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(io_context_of(*home), std::move(work), [into, context, handle](std::exception_ptr error) {
          if (error) into->set_error(error);
          come_home(*context, handle);
        });
      } else {
        boost::asio::co_spawn(io_context_of(*home), std::move(work),
                              [into, context, handle](std::exception_ptr error, T value) {
                                if (error) {
                                  into->set_error(error);
                                } else {
                                  into->set_value(std::move(value));
                                }
                                come_home(*context, handle);
                              });
      }
    }
    T await_resume() { return result->take(); }
  };
  static waiting_for spawned(shard* home, boost::asio::awaitable<T> work) { return waiting_for(home, std::move(work)); }
};

}  // namespace hubbub::inline v0

namespace boost::asio {

template <class... Results>
class async_result<hubbub::use_task_t, void(boost::system::error_code, Results...)> {
 public:
  template <class Initiation, class... Arguments>
  static auto initiate(Initiation&& initiation, const hubbub::use_task_t&, Arguments&&... arguments) {
    auto begin = hubbub::detail::begin_asio<hubbub::detail::asio_handler<std::decay_t<Results>...>,
                                            hubbub::detail::asio_state<std::decay_t<Results>...>>(
        std::forward<Initiation>(initiation), std::forward<Arguments>(arguments)...);
    return hubbub::detail::asio_operation<decltype(begin), std::decay_t<Results>...>(std::move(begin));
  }
};

template <class... Results>
class async_result<hubbub::use_task_t, void(Results...)> {
 public:
  template <class Initiation, class... Arguments>
  static auto initiate(Initiation&& initiation, const hubbub::use_task_t&, Arguments&&... arguments) {
    auto begin = hubbub::detail::begin_asio<hubbub::detail::asio_plain_handler<std::decay_t<Results>...>,
                                            hubbub::detail::asio_state<std::decay_t<Results>...>>(
        std::forward<Initiation>(initiation), std::forward<Arguments>(arguments)...);
    return hubbub::detail::asio_operation<decltype(begin), std::decay_t<Results>...>(std::move(begin));
  }
};

}  // namespace boost::asio
