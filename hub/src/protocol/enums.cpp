// Finds the names of enumerations, and writes values that have none.
#include "hubbub/protocol/enums.hpp"

namespace hubbub::inline v0::detail {
namespace {

template <class Number>
void write_digits(value_writer& writer, Number number) {
  char room[24];
  const char* end = std::to_chars(room, room + sizeof room, number).ptr;
  writer.write(std::string_view(room, static_cast<std::size_t>(end - room)));
}

}  // namespace

const enumerator* find_enumerator(enumerator_list names, std::string_view name) noexcept {
  for (std::size_t index = 0; index < names.count; ++index) {
    if (names.first[index].name == name) return &names.first[index];
  }
  for (std::size_t index = 0; index < names.count; ++index) {
    if (same_name(names.first[index].name, name)) return &names.first[index];
  }
  return nullptr;
}

const enumerator* find_enumerator(enumerator_list names, std::int64_t number) noexcept {
  for (std::size_t index = 0; index < names.count; ++index) {
    if (names.first[index].number == number) return &names.first[index];
  }
  return nullptr;
}

void write_enumerator_digits(value_writer& writer, std::int64_t number) { write_digits(writer, number); }
void write_enumerator_digits(value_writer& writer, std::uint64_t number) { write_digits(writer, number); }

}  // namespace hubbub::inline v0::detail
