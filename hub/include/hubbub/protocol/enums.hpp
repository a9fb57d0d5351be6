// Enumerations with names: HUBBUB_ENUM and HUBBUB_TEXT_ENUM say how their values are called on the wire.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "hubbub/protocol/fields.hpp"
#include "hubbub/protocol/macro_list.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

namespace detail {

struct enumerator {
  std::string_view name;
  std::int64_t number;  // of an unsigned type: the same bits
};

struct enumerator_list {
  const enumerator* first;
  std::size_t count;
  bool text_in_json;
};

template <class T>
concept named_enumeration = enumeration<T> && requires {
  hubbub_enumerators_of(described_type<T>{});
};

// Null when there is none. An exact name goes before one that differs in case or `_`.
const enumerator* find_enumerator(enumerator_list names, std::string_view name) noexcept;
const enumerator* find_enumerator(enumerator_list names, std::int64_t number) noexcept;

template <class Number>
bool parse_enumerator(std::string_view digits, Number& number) noexcept {
  using wide = std::conditional_t<std::is_signed_v<Number>, std::int64_t, std::uint64_t>;
  wide value{};
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || stop != digits.data() + digits.size()) return false;
  if (value < wide{std::numeric_limits<Number>::min()} || value > wide{std::numeric_limits<Number>::max()})
    return false;
  number = static_cast<Number>(value);
  return true;
}

void write_enumerator_digits(value_writer& writer, std::int64_t number);
void write_enumerator_digits(value_writer& writer, std::uint64_t number);

template <named_enumeration Enum>
struct builtin_codec<Enum> {
  using number = std::underlying_type_t<Enum>;
  static bool read(value_reader& reader, Enum& value) {
    number given{};
    if (reader.peek() != value_kind::string) {
      if (!read_integer(reader, given)) return false;
    } else {
      std::string_view name;
      if (!reader.read_text(name)) return false;
      const enumerator* known = find_enumerator(hubbub_enumerators_of(described_type<Enum>{}), name);
      if (known != nullptr) {
        given = static_cast<number>(known->number);
      } else if (!parse_enumerator(name, given)) {
        return false;
      }
    }
    value = static_cast<Enum>(given);
    return true;
  }
  static void write(value_writer& writer, Enum value) {
    const enumerator_list names = hubbub_enumerators_of(described_type<Enum>{});
    const auto given = static_cast<number>(value);
    if (writer.is_text() && !names.text_in_json) return write_integer(writer, given);
    if (const enumerator* known = find_enumerator(names, static_cast<std::int64_t>(given))) {
      return writer.write(known->name);
    }
    // As .NET writes a value without a name.
    write_enumerator_digits(
        writer, static_cast<std::conditional_t<std::is_signed_v<number>, std::int64_t, std::uint64_t>>(given));
  }
};

}  // namespace detail

}  // namespace hubbub::inline v0

/// Names the values of an enumeration; stands behind it in its namespace. A value is `name`, or `(name, "wire name")`.
/// In JSON it is written as number, in MessagePack as name (decision 26), a value without a name as its digits. Both
/// are read in both, names without regard to case and `_`. Numbers are not checked: any of the underlying type is read.
/// Up to 85 values.
#define HUBBUB_ENUM(type, ...) HUBBUB_DETAIL_ENUM(type, false, __VA_ARGS__)

/// The same, and JSON too has the name.
#define HUBBUB_TEXT_ENUM(type, ...) HUBBUB_DETAIL_ENUM(type, true, __VA_ARGS__)

#define HUBBUB_DETAIL_ENUM(type, text_in_json, ...)                                \
  [[maybe_unused]] inline ::hubbub::detail::enumerator_list hubbub_enumerators_of( \
      ::hubbub::detail::described_type<type>) noexcept {                           \
    static constexpr ::hubbub::detail::enumerator names[] = {                      \
        HUBBUB_DETAIL_EACH(HUBBUB_DETAIL_ENUMERATOR, type, __VA_ARGS__)};          \
    return {names, sizeof(names) / sizeof(names[0]), text_in_json};                \
  }

#define HUBBUB_DETAIL_ENUMERATOR(type, item) \
  HUBBUB_DETAIL_JOIN(HUBBUB_DETAIL_ENUMERATOR_, HUBBUB_DETAIL_IN_PARENTHESES(item))(type, item)
#define HUBBUB_DETAIL_ENUMERATOR_0(type, item) {#item, static_cast<std::int64_t>(type::item)},
#define HUBBUB_DETAIL_ENUMERATOR_1(type, item) HUBBUB_DETAIL_RENAMED_ENUMERATOR(type, HUBBUB_DETAIL_INSIDE item)
#define HUBBUB_DETAIL_RENAMED_ENUMERATOR(...) HUBBUB_DETAIL_ENUMERATOR_AS(__VA_ARGS__)
#define HUBBUB_DETAIL_ENUMERATOR_AS(type, item, name) {name, static_cast<std::int64_t>(type::item)},
