// What the type of a hub method says: its arguments, what is injected beside them, and what it returns.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "hubbub/core/cancellation.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/hub/invocation.hpp"
#include "hubbub/hub/message_headers.hpp"
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
inline constexpr bool is_injected =
    std::is_same_v<Parameter, cancellation> || std::is_same_v<Parameter, message_headers> || is_upload<Parameter>;

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
inline constexpr bool takes_headers = false;
template <class... Parameters>
inline constexpr bool takes_headers<std::tuple<Parameters...>> = (std::is_same_v<Parameters, message_headers> || ...);

template <class Arguments>
inline constexpr std::size_t uploads_of = 0;
template <class... Parameters>
inline constexpr std::size_t uploads_of<std::tuple<Parameters...>> = (std::size_t{0} + ... +
                                                                      (is_upload<Parameters> ? 1u : 0u));

// Gives every parameter of that type this value: a cancellation, or headers.
template <class Value, class Arguments>
void inject(Arguments& arguments, const Value& value) {
  std::apply(
      [&](auto&... argument) {
        [[maybe_unused]] const auto set = [&](auto& one) {
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(one)>, Value>) one = value;
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

}  // namespace detail
}  // namespace hubbub::inline v0
