// Described structs: HUBBUB_FIELDS names the members that travel as an object.
#pragma once

#include <cstddef>
#include <string_view>

#include "hubbub/protocol/macro_list.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

/// True when two names are equal without regard to the case of ASCII letters and to `_`.
[[nodiscard]] bool same_name(std::string_view left, std::string_view right) noexcept;

namespace detail {

// Names the struct in the overload set that HUBBUB_FIELDS adds to; a type of its own, so that no base is taken for it.
template <class T>
struct described_type {};

struct readable_field {
  std::string_view name;
  bool (*read)(value_reader&, void* object) = nullptr;
};

struct writable_field {
  std::string_view name;
  void (*write)(value_writer&, const void* object) = nullptr;
};

template <class Field>
struct field_list {
  const Field* first;
  std::size_t count;
};

template <class Owner, auto Member>
bool read_field(value_reader& reader, void* object) {
  return read_value(reader, static_cast<Owner*>(object)->*Member);
}

template <class Owner, auto Member>
void write_field(value_writer& writer, const void* object) {
  write_value(writer, static_cast<const Owner*>(object)->*Member);
}

struct for_reading {
  using field = readable_field;
  template <class Owner, auto Member>
  static constexpr field of(std::string_view name) {
    return {name, &read_field<Owner, Member>};
  }
};

struct for_writing {
  using field = writable_field;
  template <class Owner, auto Member>
  static constexpr field of(std::string_view name) {
    return {name, &write_field<Owner, Member>};
  }
};

template <class T>
concept described = requires {
  hubbub_fields_of(described_type<T>{}, for_reading{});
};

bool read_fields(value_reader& reader, void* object, field_list<readable_field> fields);
void write_fields(value_writer& writer, const void* object, field_list<writable_field> fields);

template <described T>
struct builtin_codec<T> {
  static bool read(value_reader& reader, T& value) {
    return read_fields(reader, &value, hubbub_fields_of(described_type<T>{}, for_reading{}));
  }
  static void write(value_writer& writer, const T& value) {
    write_fields(writer, &value, hubbub_fields_of(described_type<T>{}, for_writing{}));
  }
};

}  // namespace detail

}  // namespace hubbub::inline v0

/// Describes `type` as an object with the members that follow; stands behind the struct in the struct's namespace.
/// A member is `name`, or `(name, "wire name")`. Reading ignores the case and `_` of names, skips unknown members and
/// leaves missing ones as they are. MessagePack may also give an array with the members in this order. Up to 64
/// members, public ones only.
#define HUBBUB_FIELDS(type, ...)                                                           \
  template <class Purpose>                                                                 \
  [[maybe_unused]] ::hubbub::detail::field_list<typename Purpose::field> hubbub_fields_of( \
      ::hubbub::detail::described_type<type>, Purpose) noexcept {                          \
    /* The first stands for nobody: a struct without members needs no other array. */      \
    static constexpr typename Purpose::field fields[] = {                                  \
        {}, HUBBUB_DETAIL_EACH(HUBBUB_DETAIL_FIELD, type __VA_OPT__(, ) __VA_ARGS__)};     \
    return {fields + 1, sizeof(fields) / sizeof(fields[0]) - 1};                           \
  }

// `name` becomes a plain field, `(name, "wire name")` a renamed one: only parentheses call the probe.
#define HUBBUB_DETAIL_FIELD(type, item) \
  HUBBUB_DETAIL_JOIN(HUBBUB_DETAIL_FIELD_, HUBBUB_DETAIL_IN_PARENTHESES(item))(type, item)
#define HUBBUB_DETAIL_FIELD_0(type, item) Purpose::template of<type, &type::item>(#item),
#define HUBBUB_DETAIL_FIELD_1(type, item) HUBBUB_DETAIL_RENAMED(type, HUBBUB_DETAIL_INSIDE item)
#define HUBBUB_DETAIL_RENAMED(...) HUBBUB_DETAIL_RENAMED_AS(__VA_ARGS__)
#define HUBBUB_DETAIL_RENAMED_AS(type, item, name) Purpose::template of<type, &type::item>(name),
