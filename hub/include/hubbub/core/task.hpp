// task<T>: the coroutine that hub methods and hooks are written as. Lazy, resumed on its home shard only.
#pragma once

#include <coroutine>
#include <exception>
#include <future>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "hubbub/core/cancellation.hpp"
#include "hubbub/core/shard.hpp"

namespace hubbub::inline v0 {

/// What a tree of tasks shares: where it runs and how it is cancelled. Owned by its driver, which outlives the tree.
struct task_context {
  shard* home = nullptr;
  cancellation_state* cancel = nullptr;  ///< null: cannot be cancelled
  std::string_view name;                 ///< for log lines, e.g. the method
  /// Called before a client is asked for a result and waited for; throws where that is not allowed. Null: nothing to
  /// do.
  void (*before_client_call)(task_context&) = nullptr;
};

template <class T = void>
class task;

/// Awaitables of the library know the shard and resume there; all others are brought home by a bridge.
template <class Awaitable>
concept resumes_at_home = requires {
  typename std::remove_cvref_t<Awaitable>::resumes_at_home;
};

class task_promise_base;

/// Resumes `waiting` on the context's shard before its turn ends, or in a turn soon. Any thread.
inline void come_home(const task_context& context, std::coroutine_handle<> waiting) {
  shard* home = context.home;
  if (home->is_current()) return home->resume_later(waiting, context.name);
  home->post([home, waiting, name = context.name] { home->resume(waiting, name); });
}

namespace detail {

template <class Awaitable>
decltype(auto) awaiter_of(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
    return std::forward<Awaitable>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<Awaitable>(awaitable)); }) {
    return operator co_await(std::forward<Awaitable>(awaitable));
  } else {
    return std::forward<Awaitable>(awaitable);
  }
}

template <class Awaitable>
using await_result = decltype(awaiter_of(std::declval<Awaitable>()).await_resume());

template <class T>
struct outcome {  // what a finished coroutine left behind; empty until then
  std::variant<std::monostate, T, std::exception_ptr> held;
  template <class Value>
  void set_value(Value&& value) {
    held.template emplace<1>(std::forward<Value>(value));
  }
  void set_error(std::exception_ptr error) { held.template emplace<2>(std::move(error)); }
  T take() {
    if (auto* error = std::get_if<2>(&held)) std::rethrow_exception(std::move(*error));
    return std::move(std::get<1>(held));
  }
};
template <class T>
struct outcome<T&> {
  outcome<T*> held;
  void set_value(T& value) { held.set_value(&value); }
  void set_error(std::exception_ptr error) { held.set_error(std::move(error)); }
  T& take() { return *held.take(); }
};
template <>
struct outcome<void> {
  std::exception_ptr error;
  void set_error(std::exception_ptr thrown) { error = std::move(thrown); }
  void take() {
    if (error != nullptr) std::rethrow_exception(std::exchange(error, nullptr));
  }
};

/// Stands for an awaiter that stays where it is: g++ 12 copies what `await_transform` returns by reference.
template <class Awaiter>
class borrowed {
 public:
  explicit borrowed(Awaiter& awaiter) noexcept : awaiter_(awaiter) {}
  bool await_ready() { return awaiter_.await_ready(); }
  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> waiting) {
    return awaiter_.await_suspend(waiting);
  }
  decltype(auto) await_resume() { return awaiter_.await_resume(); }

 private:
  Awaiter& awaiter_;
};

/// A coroutine nobody waits for; its body must not throw. It destroys itself at its end.
struct detached {
  struct promise_type {
    detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

/// Awaits a foreign awaitable and comes back to the home shard, on whatever thread it completed.
template <class Awaitable>
class homecoming {
 public:
  using resumes_at_home = void;
  using result = await_result<Awaitable>;

  explicit homecoming(Awaitable&& awaitable) : awaitable_(std::forward<Awaitable>(awaitable)) {}
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    bridge(this, &waiting.promise().context(), waiting);
  }
  result await_resume() { return outcome_.take(); }

 private:
  static detached bridge(homecoming* self, const task_context* context, std::coroutine_handle<> waiting) {
    try {
      if constexpr (std::is_void_v<result>) {
        co_await std::forward<Awaitable>(self->awaitable_);
      } else {
        self->outcome_.set_value(co_await std::forward<Awaitable>(self->awaitable_));
      }
    } catch (...) {
      self->outcome_.set_error(std::current_exception());
    }
    come_home(*context, waiting);
  }

  Awaitable awaitable_;
  outcome<result> outcome_;
};

}  // namespace detail

/// The part of a task's promise that does not depend on its result.
class task_promise_base {
 public:
  static constexpr bool begins_chain = false;
  /// Who is resumed when it ends or, in a stream, yields.
  [[nodiscard]] std::coroutine_handle<> waiting() const noexcept { return waiting_; }
  /// Where the task runs; set when it is first awaited.
  [[nodiscard]] task_context& context() const noexcept { return *context_; }
  void adopt(task_context& context, std::coroutine_handle<> waiting) noexcept {
    context_ = &context;
    waiting_ = waiting;
  }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  auto final_suspend() const noexcept {
    struct back_to_waiting {
      shard* home;
      std::coroutine_handle<> waiting;
      back_to_waiting(shard* at, std::coroutine_handle<> handle) noexcept : home(at), waiting(handle) {}
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<>) const noexcept { home->go_on_with(waiting); }
      void await_resume() const noexcept {}
    };
    return back_to_waiting(context_->home, waiting_);
  }
  template <class Awaitable>
  auto await_transform(Awaitable&& awaitable) {
    if constexpr (resumes_at_home<Awaitable>) {
      return detail::borrowed<std::remove_reference_t<Awaitable>>(awaitable);
    } else {
      return detail::homecoming<Awaitable>(std::forward<Awaitable>(awaitable));
    }
  }

 private:
  task_context* context_ = nullptr;
  std::coroutine_handle<> waiting_;
};

namespace detail {
template <class T>
class task_promise final : public task_promise_base {
 public:
  task<T> get_return_object() noexcept;
  template <class Value = T>
    requires std::is_constructible_v<T, Value&&>
  void return_value(Value&& value) { outcome_.set_value(std::forward<Value>(value)); }
  void unhandled_exception() { outcome_.set_error(std::current_exception()); }
  T take() { return outcome_.take(); }

 private:
  outcome<T> outcome_;
};
template <>
class task_promise<void> final : public task_promise_base {
 public:
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void unhandled_exception() { outcome_.set_error(std::current_exception()); }
  void take() { outcome_.take(); }

 private:
  outcome<void> outcome_;
};
}  // namespace detail

/// A lazy coroutine: nothing happens until it is awaited. Runs, resumes and dies on its home shard. Await it once.
template <class T>
class [[nodiscard("a task does nothing until it is awaited")]] task {
 public:
  using promise_type = detail::task_promise<T>;
  using value_type = T;
  using resumes_at_home = void;

  task() noexcept = default;
  explicit task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  task(task && other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~task() {
    if (handle_) handle_.destroy();
  }

  /// False for a task that was default-constructed or moved from: it must not be awaited.
  explicit operator bool() const noexcept { return static_cast<bool>(handle_); }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    task_context& context = waiting.promise().context();
    shard* home = context.home;
    handle_.promise().adopt(context, waiting);
    if constexpr (Promise::begins_chain) {
      home->run_chain(handle_);  // may end the driver, and this object with it
    } else {
      home->go_on_with(handle_);
    }
  }
  /// The task's result; rethrows what it threw.
  T await_resume() { return handle_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

template <class T>
task<T> detail::task_promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}
inline task<void> detail::task_promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

/// The root of a task tree: owns the context, runs at once, ends by itself. Its body must not throw, and awaits one
/// task only. The context is the coroutine's first parameter.
struct driver {
  class promise_type {
   public:
    static constexpr bool begins_chain = true;
    template <class... Arguments>
    explicit promise_type(task_context& context, Arguments&...) noexcept : context_(&context) {}
    driver get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
    [[nodiscard]] task_context& context() const noexcept { return *context_; }
    template <class Awaitable>
    auto await_transform(Awaitable&& awaitable) {
      static_assert(resumes_at_home<Awaitable>);
      return detail::borrowed<std::remove_reference_t<Awaitable>>(awaitable);
    }

   private:
    task_context* context_;
  };
};

namespace detail {

/// The context of a spawned task, known to its shard as long as it runs.
struct spawned_context final : task_context {
  explicit spawned_context(shard& at) : task_context{&at, nullptr, "spawned task"}, state(new cancellation_state) {
    cancel = state.state();
    home->add_spawned(*cancel);
  }
  spawned_context(const spawned_context&) = delete;
  spawned_context& operator=(const spawned_context&) = delete;
  ~spawned_context() { home->remove_spawned(*cancel); }
  cancellation state;
};

template <class T>
driver run_spawned(task_context&, std::unique_ptr<spawned_context>, task<T> work, std::promise<T> result) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(work);
      result.set_value();
    } else {
      result.set_value(co_await std::move(work));
    }
  } catch (...) {
    result.set_exception(std::current_exception());
  }
}

}  // namespace detail

/// Starts a task on `home` from any thread; the future gives its result or exception. Waiting for the future on a
/// shard would block that shard: do it on foreign threads only. A server that stops waits for spawned tasks and, when
/// `drain_timeout` has passed, cancels their waits (`operation_cancelled`); what is spawned after that breaks its
/// promise.
template <class T>
[[nodiscard]] std::future<T> spawn(shard& home, task<T> work) {
  std::promise<T> result;
  std::future<T> answer = result.get_future();
  home.post([&home, work = std::move(work), result = std::move(result)]() mutable {
    auto context = std::make_unique<detail::spawned_context>(home);
    task_context& shared = *context;
    detail::run_spawned<T>(shared, std::move(context), std::move(work), std::move(result));
  });
  return answer;
}

}  // namespace hubbub::inline v0
