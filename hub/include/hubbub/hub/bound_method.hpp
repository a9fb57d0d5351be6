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

// Calls a method that gives a stream. (Where such types are lambdas, g++ 12 takes hubs without linkage amiss.)
template <auto Member, class Hub, class Arguments>
struct stream_of_method {
  Hub& object;
  Arguments& arguments;
  decltype(auto) operator()() const { return apply_method<Member>(object, arguments); }
};

// Hands a stream over that was kept; an empty one when there is none.
template <class Item>
struct kept_stream {
  std::optional<stream<Item>>& kept;
  stream<Item> operator()() const { return kept ? std::move(*kept) : stream<Item>(); }
};

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

template <class T>
inline constexpr bool is_stream = false;
template <class T>
inline constexpr bool is_stream<stream<T>> = true;

// A call until its completion: the part that knows the type of the result alone, so that methods share it.
template <class Kept>
class bound_result : public bound_call {
 public:
  [[nodiscard]] typed_place result() noexcept final { return {&typeid(Kept), &kept}; }
  task<void> complete(running_invocation& record) final {
    if constexpr (is_stream<Kept>) {
      using item = typename Kept::value_type;
      return pump<item>(record, kept_stream<item>{kept});
    } else {
      if (kept) {
        const auto write = [this](value_writer& writer) { value_codec<Kept>::write(writer, *kept); };
        record.complete(write);
      } else {
        record.complete_null();
      }
      return {};
    }
  }

  std::optional<Kept> kept;
};
template <>
class bound_result<void> : public bound_call {
 public:
  [[nodiscard]] typed_place result() noexcept final { return {}; }
  task<void> complete(running_invocation& record) final {
    record.complete_null();
    return {};
  }
};

// The whole of it; `begin` calls the method.
template <class Arguments, class Kept>
class bound_method final : public bound_result<Kept> {
 public:
  using begin = task<void> (*)(hub_base&, bound_method&);
  bound_method(hub_base& hub, begin method) noexcept : hub_(hub), begin_(method) {}

  [[nodiscard]] std::size_t count() const noexcept override { return argument_places<Arguments>.size(); }
  [[nodiscard]] typed_place argument(std::size_t index) noexcept override {
    if constexpr (argument_places<Arguments>.size() == 0) {
      std::ignore = index;
      return {};
    } else {
      return argument_places<Arguments>[index](&values);
    }
  }
  task<void> call() override { return begin_(hub_, *this); }

  Arguments values{};

 private:
  hub_base& hub_;
  begin begin_;
};

template <class Kept, class T>
task<void> keep(task<T> work, std::optional<Kept>& kept) {
  decltype(auto) value = co_await std::move(work);
  kept.emplace(std::forward<decltype(value)>(value));
}

// What a method's own types say of a call through filters.
template <auto Member>
struct filtered_method {
  using parts = signature<std::remove_const_t<decltype(Member)>>;
  using given = typename parts::result;
  using made = task_of<given>;
  using arguments = typename parts::arguments;
  using wanted = typename kept_result<given>::type;
  // A plain method may return what can neither be moved nor copied: no filter can hold it.
  static constexpr bool keepable = std::is_void_v<wanted> || made::is_task || std::is_constructible_v<wanted, given>;
  using kept = std::conditional_t<keepable, wanted, void>;
  using bound = bound_method<arguments, kept>;
};

template <class Hub, auto Member>
task<void> begin_filtered(hub_base& base, typename filtered_method<Member>::bound& call) {
  using method = filtered_method<Member>;
  Hub& object = static_cast<Hub&>(base);
  if constexpr (!method::keepable) {
    throw std::logic_error("hubbub: the result of this method can neither be moved nor copied: filters cannot hold it");
  } else if constexpr (method::made::is_task && std::is_void_v<typename method::kept>) {
    return method::made::as_task(apply_method<Member>(object, call.values));
  } else if constexpr (method::made::is_task) {
    return keep(method::made::as_task(apply_method<Member>(object, call.values)), call.kept);
  } else if constexpr (std::is_void_v<typename method::kept>) {
    apply_method<Member>(object, call.values);
    return {};
  } else {
    call.kept.emplace(apply_method<Member>(object, call.values));
    return {};
  }
}

template <class Bound, class Arguments>
void call_bound(hub_base& base, invocation& call, typename Bound::begin method) {
  auto bound = std::make_unique<Bound>(base, method);
  if (!call.bind(&bound->values, argument_readers<Arguments>) || !call.admit()) return;
  auto record = call.run();
  if constexpr (takes_headers<Arguments>) inject(bound->values, call.headers());
  if constexpr (takes_cancellation<Arguments>) inject(bound->values, cancellation(record->cancel));
  if constexpr (uploads_of<Arguments> != 0) open_uploads(bound->values, *record, call.stream_ids());
  call.filter(base, std::move(record), std::move(bound));
}

// Calls a method where there are filters.
template <class Hub, auto Member>
void call_filtered(hub_base& base, invocation& call) {
  using method = filtered_method<Member>;
  call_bound<typename method::bound, typename method::arguments>(base, call, &begin_filtered<Hub, Member>);
}

}  // namespace hubbub::inline v0::detail
