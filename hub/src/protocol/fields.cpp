// Reads and writes described structs by their tables of fields.
#include "hubbub/protocol/fields.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr char lower(char character) noexcept {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

// Index of the field a key means; `count` when there is none. An exact name goes before one that differs in case.
std::size_t find_field(std::string_view key, detail::field_list<detail::readable_field> fields) noexcept {
  for (std::size_t index = 0; index < fields.count; ++index) {
    if (fields.first[index].name == key) return index;
  }
  for (std::size_t index = 0; index < fields.count; ++index) {
    if (same_name(fields.first[index].name, key)) return index;
  }
  return fields.count;
}

}  // namespace

bool same_name(std::string_view left, std::string_view right) noexcept {
  std::size_t at = 0;
  for (const char character : left) {
    if (character == '_') continue;
    while (at < right.size() && right[at] == '_') ++at;
    if (at == right.size() || lower(right[at]) != lower(character)) return false;
    ++at;
  }
  while (at < right.size() && right[at] == '_') ++at;
  return at == right.size();
}

namespace detail {

namespace {

// The members in the order of their description; those that are not there stay as they are.
bool read_fields_in_order(value_reader& reader, void* object, field_list<readable_field> fields) {
  if (!reader.enter_array()) return false;
  for (std::size_t index = 0; reader.next_element(); ++index) {
    const bool read = index < fields.count ? fields.first[index].read(reader, object) : reader.skip();
    if (!read) return false;
  }
  return reader.ok();
}

}  // namespace

bool read_fields(value_reader& reader, void* object, field_list<readable_field> fields) {
  if (!reader.is_text() && reader.peek() == value_kind::array) return read_fields_in_order(reader, object, fields);
  if (!reader.enter_object()) return false;
  std::size_t expected = 0;  // senders mostly keep the order of declaration
  std::string_view key;
  while (reader.next_member(key)) {
    const bool as_expected = expected < fields.count && fields.first[expected].name == key;
    const std::size_t found = as_expected ? expected : find_field(key, fields);
    if (found == fields.count) {
      if (!reader.skip()) return false;
      continue;
    }
    if (!fields.first[found].read(reader, object)) return false;
    expected = found + 1;
  }
  return reader.ok();
}

void write_fields(value_writer& writer, const void* object, field_list<writable_field> fields) {
  writer.begin_object(fields.count);
  for (std::size_t index = 0; index < fields.count; ++index) {
    writer.key(fields.first[index].name);
    fields.first[index].write(writer, object);
  }
  writer.end_object();
}

}  // namespace detail
}  // namespace hubbub::inline v0
