// Filters: code around the calls of hub methods, and around the beginning and the end of connections.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "hubbub/connection/close_reason.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/hub/hub_base.hpp"
#include "hubbub/hub/hub_type.hpp"
#include "hubbub/hub/message_headers.hpp"

namespace hubbub::inline v0 {

class hub_protocol;
class running_invocation;

namespace detail {

class filter_walk;

/// A value whose type is told beside it.
struct typed_place {
  const std::type_info* type = &typeid(void);
  void* place = nullptr;
};

/// Arguments and result of a call, whatever their types. Home shard.
class bound_call {
 public:
  bound_call() = default;
  bound_call(const bound_call&) = delete;
  bound_call& operator=(const bound_call&) = delete;
  virtual ~bound_call() = default;
  /// Arguments that the client sends.
  [[nodiscard]] virtual std::size_t count() const noexcept = 0;
  /// One of them, below `count`.
  [[nodiscard]] virtual typed_place argument(std::size_t index) noexcept = 0;
  /// The type of the result, and the `std::optional` of it; null where there is none.
  [[nodiscard]] virtual typed_place result() noexcept = 0;
  /// Calls the method and keeps its result. An empty task: that has happened.
  virtual task<void> call() = 0;
  /// Sends the completion, or all of a stream. An empty task: that has happened.
  virtual task<void> complete(running_invocation& record) = 0;
};

}  // namespace detail

/// Goes on with the next filter and, behind the last one, with the method or hook itself. Call it once at most, and
/// await what it returns: `co_await next()`. Not going on leaves out what would have come. A value; home shard, as long
/// as the filter's hook runs.
class filter_next {
 public:
  /// For the library only.
  filter_next(detail::filter_walk& walk, std::size_t index) noexcept : walk_(&walk), index_(index) {}
  /// Throws std::logic_error when called a second time, and what the filters behind throw.
  [[nodiscard]] task<void> operator()() const;

 private:
  detail::filter_walk* walk_;
  std::size_t index_;
};

/// A call of a hub method on its way through filters: its arguments are bound, and the caller may make it. Home shard,
/// as long as the filter's hook runs.
class hub_invocation {
 public:
  /// For the library only. `headers`: encoded; they are read when somebody asks.
  hub_invocation(hub_base& hub, const hub_method& method, running_invocation& record, detail::bound_call& bound,
                 const hub_protocol& protocol, std::string headers) noexcept
      : hub_(hub),
        method_(method),
        record_(record),
        bound_(bound),
        protocol_(protocol),
        encoded_headers_(std::move(headers)) {}
  hub_invocation(const hub_invocation&) = delete;
  hub_invocation& operator=(const hub_invocation&) = delete;

  /// The hub object: connection, user, request, items, clients and groups are asked there.
  [[nodiscard]] hub_base& hub() const noexcept { return hub_; }
  /// The same as its own class; null when it is another one.
  template <class Hub>
  [[nodiscard]] Hub* hub_as() const noexcept {
    return dynamic_cast<Hub*>(&hub_);
  }
  /// The method's canonical name, `JoinRoom`, however the client wrote it.
  [[nodiscard]] std::string_view method() const noexcept { return method_.name; }
  /// The caller's id of this call; empty when no answer is wanted.
  [[nodiscard]] const std::string& id() const noexcept;
  /// The method gives a stream.
  [[nodiscard]] bool streams() const noexcept { return method_.shape.streams; }
  /// Headers of the message.
  [[nodiscard]] const message_headers& headers();

  /// Arguments that the client sent: those of the method without streams, cancellation and headers.
  [[nodiscard]] std::size_t arguments() const noexcept { return bound_.count(); }
  /// One of them, to be read or replaced; null when it is not there or no T (references and const aside, T is exactly
  /// the parameter's type). Once the filter went on, the method may have moved it away.
  template <class T>
  [[nodiscard]] T* argument(std::size_t index) noexcept {
    if (index >= bound_.count()) return nullptr;
    const detail::typed_place at = bound_.argument(index);
    return *at.type == typeid(T) ? static_cast<T*>(at.place) : nullptr;
  }

  /// What the method returned, or a filter set: to be read or replaced. Null before the filter went on, when the method
  /// gives no T, and when nothing was set. That of a streaming method is a `stream<T>`, which has not begun yet.
  template <class T>
  [[nodiscard]] T* result() noexcept {
    std::optional<T>* kept = place_of_result<T>();
    return kept != nullptr && kept->has_value() ? &**kept : nullptr;
  }
  /// Sets the result, also instead of going on. Throws std::invalid_argument when the method gives no T. Without any
  /// result the caller gets null; from a streaming method, an error.
  template <class T>
  void set_result(T value) {
    std::optional<T>* kept = place_of_result<T>();
    if (kept == nullptr) refuse_result(typeid(T));
    kept->emplace(std::move(value));
  }

 private:
  template <class T>
  [[nodiscard]] std::optional<T>* place_of_result() noexcept {
    const detail::typed_place at = bound_.result();
    return at.place != nullptr && *at.type == typeid(T) ? static_cast<std::optional<T>*>(at.place) : nullptr;
  }
  [[noreturn]] void refuse_result(const std::type_info& given) const;

  hub_base& hub_;
  const hub_method& method_;
  running_invocation& record_;
  detail::bound_call& bound_;
  const hub_protocol& protocol_;
  std::string encoded_headers_;
  std::optional<message_headers> headers_;
};

namespace detail {

using around_call = task<void>(hub_invocation&, filter_next);
using around_connected = task<void>(hub_base&, filter_next);
using around_disconnected = task<void>(hub_base&, const close_reason&, filter_next);

// True when a pointer to a member function has exactly this signature.
template <class Wanted, class Pointer>
inline constexpr bool is_hook = false;
template <class Result, class... Parameters, class Filter>
inline constexpr bool is_hook<Result(Parameters...), Result (Filter::*)(Parameters...)> = true;
template <class Result, class... Parameters, class Filter>
inline constexpr bool is_hook<Result(Parameters...), Result (Filter::*)(Parameters...) const> = true;
template <class Result, class... Parameters, class Filter>
inline constexpr bool is_hook<Result(Parameters...), Result (Filter::*)(Parameters...) noexcept> = true;
template <class Result, class... Parameters, class Filter>
inline constexpr bool is_hook<Result(Parameters...), Result (Filter::*)(Parameters...) const noexcept> = true;

}  // namespace detail

/// A filter, whatever its class: any object with one or more of
///
///     hubbub::task<void> invoke(hubbub::hub_invocation& call, hubbub::filter_next next);
///     hubbub::task<void> on_connected(hubbub::hub_base& hub, hubbub::filter_next next);
///     hubbub::task<void> on_disconnected(hubbub::hub_base& hub, const hubbub::close_reason& why,
///                                        hubbub::filter_next next);
///
/// or a function object that is called like `invoke`. It is kept as long as the server: an object given by value, or
/// a `std::shared_ptr`; `std::ref` passes a reference. One object serves all connections and **is called on all shards
/// at once**: what it keeps must allow that. A value.
class hub_filter {
 public:
  /// A filter by value.
  template <class Filter>
    requires(!std::same_as<std::remove_cvref_t<Filter>, hub_filter>)
  hub_filter(Filter&& filter)  // NOLINT(google-explicit-constructor): filters become hub_filters where they are added
      : hub_filter(std::make_shared<std::remove_cvref_t<Filter>>(std::forward<Filter>(filter))) {
    static_assert(
        std::is_constructible_v<std::remove_cvref_t<Filter>, Filter>,
        "hubbub: this filter can neither be copied nor moved; pass std::make_shared<my_filter>(...), or std::ref "
        "of one that outlives the server");
  }
  /// A filter that somebody else holds too. Throws std::invalid_argument for null.
  template <class Filter>
  hub_filter(std::shared_ptr<Filter> filter)  // NOLINT(google-explicit-constructor)
      : hub_filter(there(filter.get()), filter) {}
  /// A filter that outlives the server.
  template <class Filter>
  hub_filter(std::reference_wrapper<Filter> filter)  // NOLINT(google-explicit-constructor)
      : hub_filter(filter.get(), nullptr) {}

  /// For the library: the object and its hooks; null: it has no such hook.
  struct hooks {
    void* object = nullptr;
    task<void> (*invoke)(void*, hub_invocation&, filter_next) = nullptr;
    task<void> (*connected)(void*, hub_base&, filter_next) = nullptr;
    task<void> (*disconnected)(void*, hub_base&, const close_reason&, filter_next) = nullptr;
  };
  [[nodiscard]] const hooks& around() const noexcept { return hooks_; }

 private:
  template <class Filter>
  hub_filter(Filter& filter, std::shared_ptr<const void> owner);
  template <class Filter>
  static Filter& there(Filter* filter) {
    if (filter == nullptr) throw std::invalid_argument("hubbub: a filter is null");
    return *filter;
  }

  std::shared_ptr<const void> owner_;
  hooks hooks_;
};

template <class Filter>
hub_filter::hub_filter(Filter& filter, std::shared_ptr<const void> owner) : owner_(std::move(owner)) {
  constexpr bool has_invoke = requires { &Filter::invoke; };
  constexpr bool has_connected = requires { &Filter::on_connected; };
  constexpr bool has_disconnected = requires { &Filter::on_disconnected; };
  constexpr bool is_called = requires(hub_invocation & call, filter_next next) {
    { filter(call, next) } -> std::same_as<task<void>>;
  };
  static_assert(has_invoke || has_connected || has_disconnected || is_called,
                "hubbub: a filter has a hook: task<void> invoke(hub_invocation&, filter_next), "
                "task<void> on_connected(hub_base&, filter_next) or "
                "task<void> on_disconnected(hub_base&, const close_reason&, filter_next)");
  hooks_.object = const_cast<void*>(static_cast<const void*>(std::addressof(filter)));
  if constexpr (has_invoke) {
    static_assert(detail::is_hook<detail::around_call, decltype(&Filter::invoke)>,
                  "hubbub: a filter's invoke is declared as task<void> invoke(hub_invocation& call, filter_next next)");
    hooks_.invoke = [](void* object, hub_invocation& call, filter_next next) {
      return static_cast<Filter*>(object)->invoke(call, next);
    };
  } else if constexpr (is_called) {
    hooks_.invoke = [](void* object, hub_invocation& call, filter_next next) -> task<void> {
      return (*static_cast<Filter*>(object))(call, next);
    };
  }
  if constexpr (has_connected) {
    static_assert(detail::is_hook<detail::around_connected, decltype(&Filter::on_connected)>,
                  "hubbub: a filter's on_connected is declared as task<void> on_connected(hub_base& hub, filter_next "
                  "next)");
    hooks_.connected = [](void* object, hub_base& hub, filter_next next) {
      return static_cast<Filter*>(object)->on_connected(hub, next);
    };
  }
  if constexpr (has_disconnected) {
    static_assert(detail::is_hook<detail::around_disconnected, decltype(&Filter::on_disconnected)>,
                  "hubbub: a filter's on_disconnected is declared as task<void> on_disconnected(hub_base& hub, const "
                  "close_reason& why, filter_next next)");
    hooks_.disconnected = [](void* object, hub_base& hub, const close_reason& why, filter_next next) {
      return static_cast<Filter*>(object)->on_disconnected(hub, why, next);
    };
  }
}

}  // namespace hubbub::inline v0
