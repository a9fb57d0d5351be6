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
#include "hubbub/hub/bound_method.hpp"
#include "hubbub/hub/hub_base.hpp"
#include "hubbub/hub/hub_type.hpp"
#include "hubbub/hub/invocation.hpp"
#include "hubbub/hub/method_shapes.hpp"
#include "hubbub/hub/names.hpp"
#include "hubbub/hub/stream.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

namespace detail {

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

template <auto Member, class Hub, class Arguments>
driver drive_stream(task_context&, std::unique_ptr<running_invocation> record, Hub& object, Arguments arguments) {
  using shape = stream_result<typename signature<std::remove_const_t<decltype(Member)>>::result>;
  std::exception_ptr error;
  try {
    auto work = pump<typename shape::item>(*record, stream_of_method<Member, Hub, Arguments>{object, arguments});
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
  if constexpr (takes_headers<arguments>) inject(values, call.headers());
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
                       detail::shape_of<Method>(),
                       &detail::call_filtered<Hub, detail::parts_of<Method>::template member<Method>>}...};
  }
};

}  // namespace hubbub::inline v0
