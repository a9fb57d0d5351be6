// How C++ types travel: one `value_codec` per type, for arguments, results, items and fields of described structs.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hubbub/core/bytes.hpp"
#include "hubbub/protocol/value_reader.hpp"
#include "hubbub/protocol/value_writer.hpp"

namespace hubbub::inline v0 {

namespace detail {

// The types this library knows. The primary has neither `read` nor `write`: such a type is not known.
template <class T>
struct builtin_codec {};

// Out of line, so that a user's file does not compile them again.
bool read_text_or_null(value_reader& reader, std::string& value);
bool read_bytes_or_null(value_reader& reader, bytes& value);
bool read_within(value_reader& reader, std::int64_t& value, std::int64_t least, std::int64_t most);
bool read_within(value_reader& reader, std::uint64_t& value, std::uint64_t most);
// Consumes a null and returns true, or consumes nothing.
bool take_null(value_reader& reader);

}  // namespace detail

/// Reads and writes values of type T: `static bool read(value_reader&, T&)` and `static void write(value_writer&, const
/// T&)`. Specialise it for a type of your own, or describe the type with HUBBUB_FIELDS, or include <hubbub/json.hpp>
/// for types that nlohmann::json converts. `read` is given a value-initialised T, and follows the rules of
/// value_reader.
template <class T>
struct value_codec : detail::builtin_codec<T> {};

/// Types that arguments, items and results of clients can have.
template <class T>
concept readable_value = requires(value_reader& reader, T& value) {
  { value_codec<T>::read(reader, value) } -> std::same_as<bool>;
};

/// Types that results, items and arguments of sends can have.
template <class T>
concept writable_value = requires(value_writer& writer, const T& value) {
  value_codec<T>::write(writer, value);
};

/// Reads the next value into `value`; false when it does not convert.
template <class T>
bool read_value(value_reader& reader, T& value) {
  static_assert(readable_value<T>,
                "hubbub cannot read this type from a message. Describe its members with HUBBUB_FIELDS(type, member, "
                "...) behind the struct, or include <hubbub/json.hpp> when nlohmann::json can convert it, or "
                "specialise hubbub::value_codec for it. Views and pointers cannot be read: take std::string.");
  if constexpr (readable_value<T>) return value_codec<T>::read(reader, value);
  return false;
}

/// Writes `value` as the next value.
template <class T>
void write_value(value_writer& writer, const T& value) {
  static_assert(writable_value<T>,
                "hubbub cannot write this type into a message. Describe its members with HUBBUB_FIELDS(type, member, "
                "...) behind the struct, or include <hubbub/json.hpp> when nlohmann::json can convert it, or "
                "specialise hubbub::value_codec for it.");
  if constexpr (writable_value<T>) value_codec<T>::write(writer, value);
}

namespace detail {

// Single characters are neither numbers nor texts to everybody: they are left out.
template <class T>
concept character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

template <class T>
concept plain_integer = std::integral<T> && !std::same_as<T, bool> && !character<T>;

template <std::integral Integer>
bool read_integer(value_reader& reader, Integer& value) {
  using limits = std::numeric_limits<Integer>;
  if constexpr (std::is_signed_v<Integer>) {
    std::int64_t wide = 0;
    if (!read_within(reader, wide, limits::min(), limits::max())) return false;
    value = static_cast<Integer>(wide);
  } else {
    std::uint64_t wide = 0;
    if (!read_within(reader, wide, limits::max())) return false;
    value = static_cast<Integer>(wide);
  }
  return true;
}

template <std::integral Integer>
void write_integer(value_writer& writer, Integer value) {
  if constexpr (std::is_signed_v<Integer>) {
    writer.write(static_cast<std::int64_t>(value));
  } else {
    writer.write(static_cast<std::uint64_t>(value));
  }
}

template <>
struct builtin_codec<bool> {
  static bool read(value_reader& reader, bool& value) { return reader.read(value); }
  static void write(value_writer& writer, bool value) { writer.write(value); }
};

template <plain_integer Integer>
struct builtin_codec<Integer> {
  static bool read(value_reader& reader, Integer& value) { return read_integer(reader, value); }
  static void write(value_writer& writer, Integer value) { write_integer(writer, value); }
};

template <>
struct builtin_codec<double> {
  static bool read(value_reader& reader, double& value) { return reader.read(value); }
  static void write(value_writer& writer, double value) { writer.write(value); }
};

template <>
struct builtin_codec<float> {
  static bool read(value_reader& reader, float& value);
  static void write(value_writer& writer, float value) { writer.write(value); }
};

template <class T>
concept enumeration = std::is_enum_v<T>;

// Enumerations are numbers, unless HUBBUB_ENUM knows their names.
template <enumeration Enum>
struct builtin_codec<Enum> {
  using number = std::underlying_type_t<Enum>;
  static bool read(value_reader& reader, Enum& value) {
    number read = 0;
    if (!read_integer(reader, read)) return false;
    value = static_cast<Enum>(read);
    return true;
  }
  static void write(value_writer& writer, Enum value) { write_integer(writer, static_cast<number>(value)); }
};

template <>
struct builtin_codec<std::string> {
  static bool read(value_reader& reader, std::string& value) { return read_text_or_null(reader, value); }
  static void write(value_writer& writer, const std::string& value) { writer.write(std::string_view(value)); }
};

template <>
struct builtin_codec<std::string_view> {
  static void write(value_writer& writer, std::string_view value) { writer.write(value); }
};

template <>
struct builtin_codec<const char*> {
  static void write(value_writer& writer, const char* value) {
    if (value == nullptr) return writer.write_null();
    writer.write(std::string_view(value));
  }
};

template <>
struct builtin_codec<char*> : builtin_codec<const char*> {};

template <std::size_t Size>
struct builtin_codec<char[Size]> : builtin_codec<const char*> {};

template <>
struct builtin_codec<std::nullptr_t> {
  static void write(value_writer& writer, std::nullptr_t) { writer.write_null(); }
};

template <>
struct builtin_codec<bytes> {
  static bool read(value_reader& reader, bytes& value) { return read_bytes_or_null(reader, value); }
  static void write(value_writer& writer, const bytes& value) {
    writer.write_bytes({reinterpret_cast<const char*>(value.data()), value.size()});
  }
};

template <class T>
struct builtin_codec<std::optional<T>> {
  static bool read(value_reader& reader, std::optional<T>& value) requires readable_value<T> {
    value.reset();
    return take_null(reader) || value_codec<T>::read(reader, value.emplace());
  }
  static void write(value_writer& writer, const std::optional<T>& value) requires writable_value<T> {
    if (!value) return writer.write_null();
    value_codec<T>::write(writer, *value);
  }
};

template <class T, class Allocator>
struct builtin_codec<std::vector<T, Allocator>> {
  static bool read(value_reader& reader, std::vector<T, Allocator>& values) requires readable_value<T> {
    values.clear();
    if (take_null(reader)) return true;
    if (!reader.enter_array()) return false;
    while (reader.next_element()) {
      if constexpr (std::same_as<T, bool>) {
        bool value = false;
        if (!reader.read(value)) return false;
        values.push_back(value);
      } else if (!value_codec<T>::read(reader, values.emplace_back())) {
        return false;
      }
    }
    return reader.ok();
  }
  static void write(value_writer& writer, const std::vector<T, Allocator>& values) requires writable_value<T> {
    writer.begin_array(values.size());
    for (const auto& value : values) value_codec<T>::write(writer, value);
    writer.end_array();
  }
};

// A fixed number of values, each of its own type: an array of exactly that many elements.
template <class Group>
struct group_codec {
  static bool read(value_reader& reader, Group& group) {
    if (!reader.enter_array()) return false;
    const auto read_one = [&](auto& value) { return reader.next_element() && read_value(reader, value); };
    const bool all = std::apply([&](auto&... values) { return (read_one(values) && ...); }, group);
    return all && !reader.next_element() && reader.ok();
  }
  static void write(value_writer& writer, const Group& group) {
    writer.begin_array(std::tuple_size_v<Group>);
    std::apply([&](const auto&... values) { (write_value(writer, values), ...); }, group);
    writer.end_array();
  }
};

template <class T, std::size_t Size>
struct builtin_codec<std::array<T, Size>> : group_codec<std::array<T, Size>> {};

template <class First, class Second>
struct builtin_codec<std::pair<First, Second>> : group_codec<std::pair<First, Second>> {};

template <class... Types>
struct builtin_codec<std::tuple<Types...>> : group_codec<std::tuple<Types...>> {};

template <class Map>
struct map_codec {
  using mapped = typename Map::mapped_type;
  // Names chosen so that they all meet in one place of a hash table would make each look-up as long as the table. By
  // chance as many meet once in more messages than there will ever be.
  static bool is_flooded(const Map& map, const std::string& name) {
    if constexpr (requires { requires std::same_as<typename Map::hasher, std::hash<std::string>>; }) {
      constexpr std::size_t most = 48;
      return map.size() > most && map.bucket_size(map.bucket(name)) > most;
    }
    return false;
  }
  static bool read(value_reader& reader, Map& map) requires readable_value<mapped> {
    map.clear();
    if (take_null(reader)) return true;
    if (!reader.enter_object()) return false;
    std::string_view key;
    while (reader.next_member(key)) {
      std::string name(key);  // the view dies with the next read
      mapped value{};
      if (!value_codec<mapped>::read(reader, value)) return false;
      if (is_flooded(map, name)) return false;
      map.insert_or_assign(std::move(name), std::move(value));
    }
    return reader.ok();
  }
  static void write(value_writer& writer, const Map& map) requires writable_value<mapped> {
    writer.begin_object(map.size());
    for (const auto& [name, value] : map) {
      writer.key(name);
      value_codec<mapped>::write(writer, value);
    }
    writer.end_object();
  }
};

template <class T, class Compare, class Allocator>
struct builtin_codec<std::map<std::string, T, Compare, Allocator>>
    : map_codec<std::map<std::string, T, Compare, Allocator>> {};

template <class T, class Hash, class Equal, class Allocator>
struct builtin_codec<std::unordered_map<std::string, T, Hash, Equal, Allocator>>
    : map_codec<std::unordered_map<std::string, T, Hash, Equal, Allocator>> {};

}  // namespace detail

}  // namespace hubbub::inline v0
