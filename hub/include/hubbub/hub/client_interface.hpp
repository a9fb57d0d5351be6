// What clients of a hub understand, said once in types: events, methods with results, and the list of both.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "hubbub/hub/names.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

namespace detail {

template <class Parameter>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

// True when an argument becomes a Parameter without losing anything: numbers widen and keep their sign, texts become
// texts, and everything else converts as C++ does it by itself.
template <class Parameter, class Argument>
constexpr bool fits() {
  using given = std::remove_cvref_t<std::decay_t<Argument>>;
  if constexpr (std::is_same_v<Parameter, given>) {
    return true;
  } else if constexpr (is_optional<Parameter>) {
    if constexpr (std::is_same_v<given, std::nullopt_t>) return true;
    if constexpr (is_optional<given>) return fits<typename Parameter::value_type, typename given::value_type>();
    return fits<typename Parameter::value_type, Argument>();
  } else if constexpr (std::is_same_v<Parameter, bool> || std::is_same_v<given, bool>) {
    return std::is_same_v<Parameter, given> ||
           (!std::is_arithmetic_v<Parameter> && std::is_convertible_v<const Argument&, Parameter>);
  } else if constexpr (std::is_floating_point_v<Parameter>) {
    return std::is_integral_v<given> || (std::is_floating_point_v<given> && sizeof(given) <= sizeof(Parameter));
  } else if constexpr (std::is_integral_v<Parameter>) {
    if constexpr (!std::is_integral_v<given>) return false;
    using to = std::numeric_limits<Parameter>;
    using from = std::numeric_limits<given>;
    return from::digits <= to::digits && (to::is_signed || !from::is_signed);
  } else if constexpr (std::is_same_v<Parameter, std::string>) {
    return std::is_convertible_v<const Argument&, std::string_view>;
  } else {
    return std::is_convertible_v<const Argument&, Parameter>;
  }
}

// Writes an argument as what it was declared to be.
template <class Parameter, class Argument>
void write_as(value_writer& writer, const Argument& argument) {
  if constexpr (std::is_same_v<Parameter, Argument>) {
    value_codec<Parameter>::write(writer, argument);
  } else if constexpr (std::is_same_v<Parameter, std::string> &&
                       std::is_convertible_v<const Argument&, std::string_view>) {
    // No text is made of it; a null pointer is null, as everywhere.
    if constexpr (std::is_pointer_v<std::decay_t<const Argument&>>) {
      value_codec<const char*>::write(writer, argument);
    } else {
      writer.write(static_cast<std::string_view>(argument));
    }
  } else {
    value_codec<Parameter>::write(writer, static_cast<Parameter>(argument));
  }
}

// The first argument that does not fit, from 1; 0 when all do.
template <class... Parameters, class... Arguments>
constexpr std::size_t misfit(std::tuple<Parameters...>*, std::tuple<Arguments...>*) {
  const std::array<bool, sizeof...(Parameters) + 1> fit{fits<Parameters, Arguments>()..., true};
  for (std::size_t i = 0; i < sizeof...(Parameters); ++i) {
    if (!fit[i]) return i + 1;
  }
  return 0;
}

template <class Parameters, class... Arguments>
constexpr void check_arguments() {
  static_assert(std::tuple_size_v<Parameters> == sizeof...(Arguments),
                "hubbub: the client's function was declared with another number of arguments");
  if constexpr (std::tuple_size_v<Parameters> == sizeof...(Arguments)) {
    constexpr std::size_t place =
        misfit(static_cast<Parameters*>(nullptr), static_cast<std::tuple<std::remove_cvref_t<Arguments>...>*>(nullptr));
    static_assert(place != 1, "hubbub: the first argument is not what the client's function was declared with");
    static_assert(place != 2, "hubbub: the second argument is not what the client's function was declared with");
    static_assert(place != 3, "hubbub: the third argument is not what the client's function was declared with");
    static_assert(place < 4,
                  "hubbub: an argument behind the third is not what the client's function was declared with");
  }
}

}  // namespace detail

/// A function of clients that is called and gives nothing back: its name and the types of its arguments.
/// `inline constexpr hubbub::event<"Said", std::string, int> said;` and then `clients().all().send(said, "ada", 5)`,
/// where wrong arguments do not compile. Names are compared by clients without regard to letter case. A value.
template <fixed_text Name, class... Parameters>
struct event {
  static_assert((writable_value<Parameters> && ...),
                "hubbub: an argument of this event cannot be written; describe its type with HUBBUB_FIELDS or include "
                "<hubbub/json.hpp> and give it nlohmann's to_json");
  using parameters = std::tuple<Parameters...>;
  [[nodiscard]] static constexpr std::string_view name() noexcept { return Name.view(); }
};

/// A function of clients whose result a hub waits for:
/// `inline constexpr hubbub::client_method<"Confirm", bool(std::string)> confirm;` and then
/// `co_await clients().caller().invoke(confirm, "sure?")`, which gives a bool. A value.
template <fixed_text Name, class Signature>
struct client_method;
template <fixed_text Name, class Result, class... Parameters>
struct client_method<Name, Result(Parameters...)> {
  static_assert((writable_value<Parameters> && ...),
                "hubbub: an argument of this client method cannot be written; describe its type with HUBBUB_FIELDS or "
                "include <hubbub/json.hpp> and give it nlohmann's to_json");
  using parameters = std::tuple<Parameters...>;
  using result = Result;
  [[nodiscard]] static constexpr std::string_view name() noexcept { return Name.view(); }
};

namespace detail {

template <class Member>
inline constexpr bool is_event = false;
template <fixed_text Name, class... Parameters>
inline constexpr bool is_event<event<Name, Parameters...>> = true;
template <class Member>
inline constexpr bool is_client_method = false;
template <fixed_text Name, class Signature>
inline constexpr bool is_client_method<client_method<Name, Signature>> = true;

}  // namespace detail

/// All that clients of a hub understand. As `using client = hubbub::client_interface<said, confirm>;` in a hub it makes
/// `clients()`, there and in its `hub_context`, take nothing else; `hub_base::clients()` still takes any name.
template <auto... Members>
struct client_interface {
  static_assert(((detail::is_event<std::remove_cvref_t<decltype(Members)>> ||
                  detail::is_client_method<std::remove_cvref_t<decltype(Members)>>)&&...),
                "hubbub: a client_interface lists events and client_methods");

  /// True when it lists this event or method.
  template <class Member>
  static constexpr bool has = (std::is_same_v<std::remove_cvref_t<decltype(Members)>, Member> || ...);

 private:
  static constexpr bool names_differ() {
    const std::array<std::string_view, sizeof...(Members) + 1> names{Members.name()..., std::string_view()};
    for (std::size_t i = 0; i < sizeof...(Members); ++i) {
      for (std::size_t j = i + 1; j < sizeof...(Members); ++j) {
        if (same_wire_name(names[i], names[j])) return false;
      }
    }
    return true;
  }
  static_assert(names_differ(),
                "hubbub: two members of a client_interface have the same name (letter case and '_' do not count)");
};

}  // namespace hubbub::inline v0
