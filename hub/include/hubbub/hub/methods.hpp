// The method table of a hub, made at compile time: names, binding, calling.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "hubbub/core/cancellation.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/hub/hub_base.hpp"
#include "hubbub/hub/hub_type.hpp"
#include "hubbub/hub/invocation.hpp"
#include "hubbub/hub/names.hpp"
#include "hubbub/hub/stream.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

/// A member function with a wire name or a requirement: what `as` and `authorized` return. A value for template
/// arguments.
template <class Pointer, fixed_text Name, bool Authenticated, auto Policy, fixed_text... Roles>
struct described_method {
  Pointer pointer;
};

namespace detail {

template <class T>
struct method_parts {
  using pointer = T;
  static constexpr bool authenticated = false;
  static constexpr std::array<std::string_view, 0> roles{};
  static constexpr std::string_view wire_name{};
  static constexpr bool (*policy)(const principal*) = nullptr;
  template <auto Method>
  static constexpr auto member = Method;
};
template <class Pointer, fixed_text Name, bool Authenticated, auto Policy, fixed_text... Roles>
struct method_parts<described_method<Pointer, Name, Authenticated, Policy, Roles...>> {
  using pointer = Pointer;
  static constexpr bool authenticated = Authenticated;
  static constexpr std::array<std::string_view, sizeof...(Roles)> roles{Roles.view()...};
  static constexpr std::string_view wire_name = Name.view();
  static constexpr bool (*policy)(const principal*) = Policy;
  template <auto Method>
  static constexpr auto member = Method.pointer;
};

template <auto Method>
using parts_of = method_parts<std::remove_cvref_t<decltype(Method)>>;

template <class Pointer>
struct signature;
template <class Hub, class Result, class... Parameters>
struct signature<Result (Hub::*)(Parameters...)> {
  using hub = Hub;
  using result = Result;
  using arguments = std::tuple<std::remove_cvref_t<Parameters>...>;
  template <std::size_t Index>
  using parameter = std::tuple_element_t<Index, std::tuple<Parameters...>>;
};
template <class Hub, class Result, class... Parameters>
struct signature<Result (Hub::*)(Parameters...) const> : signature<Result (Hub::*)(Parameters...)> {};
template <class Hub, class Result, class... Parameters>
struct signature<Result (Hub::*)(Parameters...) noexcept> : signature<Result (Hub::*)(Parameters...)> {};
template <class Hub, class Result, class... Parameters>
struct signature<Result (Hub::*)(Parameters...) const noexcept> : signature<Result (Hub::*)(Parameters...)> {};

}  // namespace detail

/// What a method may return besides values and tasks: specialised by adapters (`static task<T> as_task(R)`).
template <class Result>
struct task_adapter {};

namespace detail {

template <class Result>
struct task_of {
  static constexpr bool is_task = false;
  using value = Result;
};
template <class T>
struct task_of<task<T>> {
  static constexpr bool is_task = true;
  using value = T;
  static task<T> as_task(task<T> work) { return work; }
};
template <class Result>
  requires requires { typename task_adapter<Result>::value; }
struct task_of<Result> : task_adapter<Result> {
  static constexpr bool is_task = true;
};

template <class Result>
struct stream_result {
  static constexpr bool is_stream = false;
};
template <class T>
struct stream_result<stream<T>> {
  static constexpr bool is_stream = true;
  static constexpr bool awaited = false;
  using item = T;
};
template <class T>
struct stream_result<task<stream<T>>> {
  static constexpr bool is_stream = true;
  static constexpr bool awaited = true;
  using item = T;
};

template <class Parameter>
inline constexpr bool is_upload = false;
template <class T>
inline constexpr bool is_upload<stream_reader<T>> = true;

// What is not an argument of the call.
template <class Parameter>
inline constexpr bool is_injected = std::is_same_v<Parameter, cancellation> || is_upload<Parameter>;

template <class Arguments, std::size_t Index>
bool read_argument(value_reader& reader, void* arguments) {
  using value = std::tuple_element_t<Index, Arguments>;
  static_assert(
      readable_value<value>,
      "hubbub: a parameter of this hub method cannot be bound; describe its type with HUBBUB_FIELDS or include "
      "<hubbub/json.hpp> and give it nlohmann's from_json");
  return value_codec<value>::read(reader, std::get<Index>(*static_cast<Arguments*>(arguments)));
}

template <class Arguments, std::size_t... Index>
constexpr auto readers_of(std::index_sequence<Index...>) {
  constexpr std::size_t count =
      (std::size_t{0} + ... + (is_injected<std::tuple_element_t<Index, Arguments>> ? 0u : 1u));
  std::array<argument_reader, count> readers{};
  std::size_t next = 0;
  [[maybe_unused]] const auto add = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    if constexpr (!is_injected<std::tuple_element_t<I, Arguments>>) readers[next++] = &read_argument<Arguments, I>;
  };
  (add(std::integral_constant<std::size_t, Index>{}), ...);
  (void)next;
  return readers;
}
template <class Arguments>
inline constexpr auto argument_readers =
    readers_of<Arguments>(std::make_index_sequence<std::tuple_size_v<Arguments>>{});

template <class Arguments>
inline constexpr bool takes_cancellation = false;
template <class... Parameters>
inline constexpr bool takes_cancellation<std::tuple<Parameters...>> = (std::is_same_v<Parameters, cancellation> || ...);

template <class Arguments>
inline constexpr std::size_t uploads_of = 0;
template <class... Parameters>
inline constexpr std::size_t uploads_of<std::tuple<Parameters...>> = (std::size_t{0} + ... +
                                                                      (is_upload<Parameters> ? 1u : 0u));

template <class Arguments>
void inject(Arguments& arguments, const cancellation& cancel) {
  std::apply(
      [&](auto&... argument) {
        [[maybe_unused]] const auto set = [&](auto& one) {
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(one)>, cancellation>) one = cancel;
        };
        (set(argument), ...);
      },
      arguments);
}

template <class T>
void open_upload(stream_reader<T>& reader, running_invocation& record, const std::string& id) {
  auto fresh = std::make_shared<upload_of<T>>();
  reader = stream_reader<T>(fresh);
  record.open_upload(std::move(fresh), id);
}

// The n-th id of the message feeds the n-th stream parameter.
template <class Arguments>
void open_uploads(Arguments& arguments, running_invocation& record, const std::vector<std::string>& ids) {
  std::apply(
      [&](auto&... argument) {
        std::size_t next = 0;
        const auto open = [&](auto& one) {
          if constexpr (is_upload<std::remove_cvref_t<decltype(one)>>) open_upload(one, record, ids[next++]);
        };
        (open(argument), ...);
      },
      arguments);
}

template <auto Member, class Hub, class Arguments>
decltype(auto) apply_method(Hub& object, Arguments& arguments) {
  using parts = signature<std::remove_const_t<decltype(Member)>>;
  return [&]<std::size_t... Index>(std::index_sequence<Index...>)->decltype(auto) {
    return (object.*Member)(static_cast<typename parts::template parameter<Index>&&>(std::get<Index>(arguments))...);
  }
  (std::make_index_sequence<std::tuple_size_v<Arguments>>{});
}

// Keeps hub, record and arguments alive while the method waits: parameters taken by reference stay valid.
template <auto Member, class Hub, class Arguments>
driver drive(task_context&, std::unique_ptr<running_invocation> record, Hub& object, Arguments arguments) {
  using made = task_of<typename signature<std::remove_const_t<decltype(Member)>>::result>;
  std::exception_ptr error;
  try {
    auto work = made::as_task(apply_method<Member>(object, arguments));
    if constexpr (std::is_void_v<typename made::value>) {
      co_await std::move(work);
      record->complete_null();
    } else {
      const typename made::value result = co_await std::move(work);
      const auto write = [&](value_writer& writer) {
        value_codec<std::remove_cvref_t<typename made::value>>::write(writer, result);
      };
      record->complete(write);
    }
  } catch (...) {
    error = std::current_exception();
  }
  if (error != nullptr) record->fail(std::move(error));
}

// Sends a stream item by item, each when the client has room for it.
template <auto Member, class Hub, class Arguments>
task<void> pump(running_invocation& record, Hub& object, Arguments& arguments) {
  using shape = stream_result<typename signature<std::remove_const_t<decltype(Member)>>::result>;
  using item_type = typename shape::item;
  stream<item_type> items;
  if constexpr (shape::awaited) {
    auto work = apply_method<Member>(object, arguments);
    items = co_await std::move(work);
  } else {
    items = apply_method<Member>(object, arguments);
  }
  if (!items) {
    record.complete_without_stream();
    co_return;
  }
  record.begin_stream();
  for (;;) {
    auto waiting = items.next();
    const std::optional<item_type> item = co_await waiting;
    if (!item) break;
    const auto write = [&](value_writer& writer) { value_codec<item_type>::write(writer, *item); };
    auto room = record.send_item(write);
    co_await room;
  }
  record.complete_void();
}

template <auto Member, class Hub, class Arguments>
driver drive_stream(task_context&, std::unique_ptr<running_invocation> record, Hub& object, Arguments arguments) {
  std::exception_ptr error;
  try {
    auto work = pump<Member>(*record, object, arguments);
    co_await std::move(work);
  } catch (...) {
    error = std::current_exception();
  }
  if (error != nullptr) record->fail(std::move(error));
}

template <class Hub, auto Member>
void call_method(hub_base& base, invocation& call) {
  using parts = signature<std::remove_const_t<decltype(Member)>>;
  using made = task_of<typename parts::result>;
  using arguments = typename parts::arguments;
  arguments values{};
  if (!call.bind(&values, argument_readers<arguments>) || !call.admit()) return;
  Hub& object = static_cast<Hub&>(base);
  static_assert(uploads_of<arguments> == 0 || made::is_task || stream_result<typename parts::result>::is_stream,
                "hubbub: a hub method that reads a stream has to wait for it: let it return a task or a stream");
  if constexpr (stream_result<typename parts::result>::is_stream) {
    static_assert(writable_value<typename stream_result<typename parts::result>::item>,
                  "hubbub: the items of this stream cannot be written; describe their type with HUBBUB_FIELDS");
    auto record = call.run();
    task_context& context = *record;
    if constexpr (takes_cancellation<arguments>) inject(values, cancellation(context.cancel));
    if constexpr (uploads_of<arguments> != 0) open_uploads(values, *record, call.stream_ids());
    drive_stream<Member>(context, std::move(record), object, std::move(values));
  } else if constexpr (made::is_task) {
    static_assert(std::is_void_v<typename made::value> || writable_value<std::remove_cvref_t<typename made::value>>,
                  "hubbub: the result of this hub method cannot be written; describe its type with HUBBUB_FIELDS");
    auto record = call.run();
    task_context& context = *record;
    if constexpr (takes_cancellation<arguments>) inject(values, cancellation(context.cancel));
    if constexpr (uploads_of<arguments> != 0) open_uploads(values, *record, call.stream_ids());
    drive<Member>(context, std::move(record), object, std::move(values));
  } else if constexpr (std::is_void_v<typename parts::result>) {
    if constexpr (takes_cancellation<arguments>) inject(values, call.connection_aborted());
    apply_method<Member>(object, values);
    call.complete_null();
  } else {
    using value = std::remove_cvref_t<typename parts::result>;
    static_assert(writable_value<value>,
                  "hubbub: the result of this hub method cannot be written; describe its type with HUBBUB_FIELDS");
    if constexpr (takes_cancellation<arguments>) inject(values, call.connection_aborted());
    decltype(auto) result = apply_method<Member>(object, values);
    const auto write = [&](value_writer& writer) { value_codec<value>::write(writer, result); };
    call.complete(write);
  }
}

template <auto Method>
constexpr auto name_of_method() {
  using parts = parts_of<Method>;
  if constexpr (parts::wire_name.empty()) {
    return pascal_case<parts::template member<Method>>;
  } else {
    return parts::wire_name;
  }
}

template <auto Method>
inline constexpr auto roles_of = parts_of<Method>::roles;

template <auto Method>
constexpr method_shape shape_of() {
  using parts = signature<std::remove_const_t<decltype(parts_of<Method>::template member<Method>)>>;
  return {stream_result<typename parts::result>::is_stream, uploads_of<typename parts::arguments>};
}

template <auto... Method>
constexpr bool names_differ() {
  constexpr std::size_t count = sizeof...(Method);
  const std::array<std::string_view, count> names{std::string_view(name_of_method<Method>())...};
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      if (same_wire_name(names[i], names[j])) return false;
    }
  }
  return true;
}

}  // namespace detail

/// Gives a method another wire name: `as<"Ask">(&chat_hub::ask)`.
template <fixed_text Name, class Pointer>
  requires std::is_member_function_pointer_v<Pointer>
constexpr auto as(Pointer pointer) { return described_method<Pointer, Name, false, nullptr>{pointer}; }
/// The same around `authorized<...>(...)`.
template <fixed_text Name, class Pointer, fixed_text Old, bool Authenticated, auto Policy, fixed_text... Roles>
constexpr auto as(described_method<Pointer, Old, Authenticated, Policy, Roles...> method) {
  return described_method<Pointer, Name, Authenticated, Policy, Roles...>{method.pointer};
}

/// Only for authenticated users, and when roles are named, only for those with one of them as value of the claim
/// `role`: `authorized<"admin">(&chat_hub::kick)`. Others get `Failed to invoke 'Kick' because user is unauthorized`.
template <fixed_text... Roles, class Pointer>
  requires std::is_member_function_pointer_v<Pointer>
constexpr auto authorized(Pointer pointer) {
  return described_method<Pointer, fixed_text<1>(""), true, nullptr, Roles...>{pointer};
}
/// The same around `as<"...">(...)`.
template <fixed_text... Roles, class Pointer, fixed_text Name>
constexpr auto authorized(described_method<Pointer, Name, false, nullptr> method) {
  return described_method<Pointer, Name, true, nullptr, Roles...>{method.pointer};
}

/// Only for callers of whom `Policy`, a function `bool(const principal*)` (null: anonymous), says yes; others get the
/// same text: `authorized_by<&is_adult>(&shop_hub::buy)`. It must not throw.
template <bool (*Policy)(const principal*), class Pointer>
  requires std::is_member_function_pointer_v<Pointer>
constexpr auto authorized_by(Pointer pointer) {
  return described_method<Pointer, fixed_text<1>(""), false, Policy>{pointer};
}
/// The same around `as<"...">(...)` or `authorized<...>(...)`.
template <bool (*Policy)(const principal*), class Pointer, fixed_text Name, bool Authenticated, fixed_text... Roles>
constexpr auto authorized_by(described_method<Pointer, Name, Authenticated, nullptr, Roles...> method) {
  return described_method<Pointer, Name, Authenticated, Policy, Roles...>{method.pointer};
}

/// The methods clients may call. Each is a pointer to a member function, or `as` or `authorized` around one. Names are
/// taken from the functions (`join_room` becomes `JoinRoom`) and matched without regard to case and `_` (decision 16).
template <auto... Method>
struct methods {
  static_assert(detail::names_differ<Method...>(),
                "hubbub: two hub methods have the same wire name (case and '_' do not count)");

  /// The table for a hub class that these are methods of.
  template <class Hub>
  [[nodiscard]] static std::vector<hub_method> table() {
    return {hub_method{std::string_view(detail::name_of_method<Method>()),
                       &detail::call_method<Hub, detail::parts_of<Method>::template member<Method>>,
                       method_requirement{detail::parts_of<Method>::authenticated, detail::roles_of<Method>,
                                          detail::parts_of<Method>::policy},
                       detail::shape_of<Method>()}...};
  }
};

}  // namespace hubbub::inline v0
