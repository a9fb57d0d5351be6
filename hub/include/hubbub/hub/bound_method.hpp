// A call of one hub method on its way through filters: its arguments, its result, and the types of both.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "hubbub/core/task.hpp"
#include "hubbub/hub/filter.hpp"
#include "hubbub/hub/invocation.hpp"
#include "hubbub/hub/method_shapes.hpp"
#include "hubbub/hub/stream.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0::detail {

// Sends a stream item by item, each when the client has room for it. `begin` gives the stream, or a task of it.
template <class Item, class Begin>
task<void> pump(running_invocation& record, Begin begin) {
  stream<Item> items;
  if constexpr (std::is_same_v<std::remove_cvref_t<decltype(begin())>, stream<Item>>) {
    items = begin();
  } else {
    auto work = begin();
    items = co_await std::move(work);
  }
  if (!items) {
    record.complete_without_stream();
    co_return;
  }
  record.begin_stream();
  for (;;) {
    auto waiting = items.next();
    const std::optional<Item> item = co_await waiting;
    if (!item) break;
    const auto write = [&](value_writer& writer) { value_codec<Item>::write(writer, *item); };
    auto room = record.send_item(write);
    co_await room;
  }
  record.complete_void();
}

template <class Arguments, std::size_t Index>
typed_place place_of(void* arguments) {
  return {&typeid(std::tuple_element_t<Index, Arguments>), &std::get<Index>(*static_cast<Arguments*>(arguments))};
}

template <class Arguments, std::size_t... Index>
constexpr auto places_of(std::index_sequence<Index...>) {
  constexpr std::size_t count =
      (std::size_t{0} + ... + (is_injected<std::tuple_element_t<Index, Arguments>> ? 0u : 1u));
  std::array<typed_place (*)(void*), count> places{};
  [[maybe_unused]] std::size_t next = 0;
  [[maybe_unused]] const auto add = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    if constexpr (!is_injected<std::tuple_element_t<I, Arguments>>) places[next++] = &place_of<Arguments, I>;
  };
  (add(std::integral_constant<std::size_t, Index>{}), ...);
  return places;
}
template <class Arguments>
inline constexpr auto argument_places = places_of<Arguments>(std::make_index_sequence<std::tuple_size_v<Arguments>>{});

// What is kept of a result until the filters have seen it.
template <class Result>
struct kept_result {
  using type = std::remove_cvref_t<typename task_of<Result>::value>;
};
template <class T>
struct kept_result<stream<T>> {
  using type = stream<T>;
};
template <class T>
struct kept_result<task<stream<T>>> {
  using type = stream<T>;
};

template <class Hub, auto Member>
class bound_method final : public bound_call {
  using parts = signature<std::remove_const_t<decltype(Member)>>;
  using result_type = typename parts::result;
  using made = task_of<result_type>;
  using kept = typename kept_result<result_type>::type;
  static constexpr bool streams_items = stream_result<result_type>::is_stream;
  static constexpr bool gives_nothing = std::is_void_v<kept>;
  // A plain method may return what can neither be moved nor copied: that is written at once, and no filter can keep it.
  static constexpr bool keepable = gives_nothing || made::is_task || std::is_constructible_v<kept, result_type>;

 public:
  using arguments = typename parts::arguments;

  explicit bound_method(Hub& object) noexcept : object_(object) {}

  arguments values{};

  [[nodiscard]] std::size_t count() const noexcept override { return argument_places<arguments>.size(); }
  [[nodiscard]] typed_place argument(std::size_t index) noexcept override {
    if constexpr (argument_places<arguments>.size() == 0) {
      std::ignore = index;
      return {};
    } else {
      return argument_places<arguments>[index](&values);
    }
  }
  [[nodiscard]] typed_place result() noexcept override {
    if constexpr (gives_nothing || !keepable) {
      return {};
    } else {
      return {&typeid(kept), &result_};
    }
  }

  task<void> call() override {
    if constexpr (!keepable) {
      throw std::logic_error(
          "hubbub: the result of this method can neither be moved nor copied: filters cannot hold it");
    } else if constexpr (made::is_task && gives_nothing) {
      return made::as_task(apply_method<Member>(object_, values));
    } else if constexpr (made::is_task) {
      return keep(made::as_task(apply_method<Member>(object_, values)));
    } else if constexpr (gives_nothing) {
      apply_method<Member>(object_, values);
      return {};
    } else {
      result_.emplace(apply_method<Member>(object_, values));
      return {};
    }
  }

  task<void> complete(running_invocation& record) override {
    if constexpr (streams_items) {
      return pump<typename stream_result<result_type>::item>(record,
                                                             [this] { return result_ ? std::move(*result_) : kept(); });
    } else {
      if constexpr (gives_nothing || !keepable) {
        record.complete_null();
      } else if (!result_) {
        record.complete_null();
      } else {
        const auto write = [this](value_writer& writer) { value_codec<kept>::write(writer, *result_); };
        record.complete(write);
      }
      return {};
    }
  }

 private:
  template <class T>
  task<void> keep(task<T> work) {
    decltype(auto) value = co_await std::move(work);
    result_.emplace(std::forward<decltype(value)>(value));
  }

  struct nothing {};
  Hub& object_;
  std::conditional_t<gives_nothing || !keepable, nothing, std::optional<kept>> result_;
};

}  // namespace hubbub::inline v0::detail
