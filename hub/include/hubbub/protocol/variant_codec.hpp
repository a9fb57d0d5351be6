// std::variant: a value of one of several types.
#pragma once

#include <cstddef>
#include <utility>
#include <variant>

#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

namespace detail {

template <>
struct builtin_codec<std::monostate> {
  static bool read(value_reader& reader, std::monostate&) { return reader.read_null(); }
  static void write(value_writer& writer, std::monostate) { writer.write_null(); }
};

// Nothing on the wire says which type it is: the value itself is written, and read as the first type it converts to.
template <class... Types>
struct builtin_codec<std::variant<Types...>> {
  using variant = std::variant<Types...>;
  static bool read(value_reader& reader, variant& value) requires(readable_value<Types>&&...) {
    const value_reader::place begin = reader.here();
    return read_first<0>(reader, begin, value);
  }
  static void write(value_writer& writer, const variant& value) requires(writable_value<Types>&&...) {
    std::visit([&](const auto& one) { write_value(writer, one); }, value);
  }

 private:
  template <std::size_t Index>
  static bool read_first(value_reader& reader, const value_reader::place& begin, variant& value) {
    if (read_value(reader, value.template emplace<Index>())) return true;
    if constexpr (Index + 1 < sizeof...(Types)) {
      return reader.go_back(begin) && read_first<Index + 1>(reader, begin, value);
    }
    return false;
  }
};

}  // namespace detail

}  // namespace hubbub::inline v0
