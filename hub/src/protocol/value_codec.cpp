// The parts of value codecs that do not depend on the type: compiled once, here.
#include "hubbub/protocol/value_codec.hpp"

#include <cmath>

namespace hubbub::inline v0::detail {

bool take_null(value_reader& reader) { return reader.peek() == value_kind::null && reader.read_null(); }

bool read_text_or_null(value_reader& reader, std::string& value) {
  if (!take_null(reader)) return reader.read(value);
  value.clear();
  return true;
}

bool read_bytes_or_null(value_reader& reader, bytes& value) {
  if (!take_null(reader)) return reader.read(value);
  value.clear();
  return true;
}

bool read_within(value_reader& reader, std::int64_t& value, std::int64_t least, std::int64_t most) {
  return reader.read(value) && value >= least && value <= most;
}

bool read_within(value_reader& reader, std::uint64_t& value, std::uint64_t most) {
  return reader.read(value) && value <= most;
}

// What a float cannot hold does not convert; what it cannot hold exactly is rounded.
bool builtin_codec<float>::read(value_reader& reader, float& value) {
  double wide = 0;
  if (!reader.read(wide)) return false;
  value = static_cast<float>(wide);
  return std::isfinite(value) || !std::isfinite(wide);
}

}  // namespace hubbub::inline v0::detail
