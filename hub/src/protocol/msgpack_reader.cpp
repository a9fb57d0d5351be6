// Reads typed values from MessagePack in place: each function takes one value or fails.
#include "msgpack_reader.hpp"

#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

#include "json_text.hpp"
#include "utf8_mending.hpp"

namespace hubbub::inline v0 {
namespace {

using msgpack::token;
using msgpack::token_kind;

bool is_float(const token& found) noexcept {
  return found.kind == token_kind::float_32 || found.kind == token_kind::float_64;
}

double float_of(const token& found) noexcept {
  if (found.kind == token_kind::float_64) return std::bit_cast<double>(found.bits);
  return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(found.bits)));
}

// A float without a fraction that fits is as good as an integer: JavaScript knows no difference.
template <class Integer>
bool integer_of(double number, Integer& value) noexcept {
  constexpr double beyond = std::numeric_limits<Integer>::digits == 64 ? 0x1p64 : 0x1p63;
  constexpr double least = std::numeric_limits<Integer>::is_signed ? -0x1p63 : 0.0;
  if (!(number >= least && number < beyond) || std::trunc(number) != number) return false;
  value = static_cast<Integer>(number);
  return true;
}

}  // namespace

// The next value's head, not taken yet. Notes when there is none.
inline bool msgpack_reader::find_token(token& found, const char*& behind) noexcept {
  behind = at_;
  return msgpack::read_token(behind, end_, found) || malformed();
}

value_kind msgpack_reader::peek() {
  if (at_ == end_) return value_kind::invalid;
  const auto first = static_cast<unsigned char>(*at_);
  if (first < msgpack::fixmap || first >= msgpack::negative_fixint) return value_kind::integer;
  if (first < msgpack::fixarray) return value_kind::object;
  if (first < msgpack::fixstr) return value_kind::array;
  if (first < msgpack::nil) return value_kind::string;
  switch (first) {
    case msgpack::nil: return value_kind::null;
    case msgpack::never_used: return value_kind::invalid;
    case msgpack::no:
    case msgpack::yes: return value_kind::boolean;
    case msgpack::bin_8:
    case msgpack::bin_16:
    case msgpack::bin_32: return value_kind::binary;
    case msgpack::float_32:
    case msgpack::float_64: return value_kind::number;
    case msgpack::str_8:
    case msgpack::str_16:
    case msgpack::str_32: return value_kind::string;
    case msgpack::array_16:
    case msgpack::array_32: return value_kind::array;
    case msgpack::map_16:
    case msgpack::map_32: return value_kind::object;
    default: break;
  }
  return first >= msgpack::uint_8 && first <= msgpack::int_64 ? value_kind::integer : value_kind::extension;
}

bool msgpack_reader::read_null() {
  if (at_ == end_) return malformed();
  if (static_cast<unsigned char>(*at_) != msgpack::nil) return false;
  ++at_;
  return true;
}

bool msgpack_reader::read(bool& value) {
  if (at_ == end_) return malformed();
  const auto first = static_cast<unsigned char>(*at_);
  if (first != msgpack::no && first != msgpack::yes) return false;
  value = first == msgpack::yes;
  ++at_;
  return true;
}

bool msgpack_reader::read(std::int64_t& value) {
  token found;
  const char* behind = nullptr;
  if (!find_token(found, behind)) return false;
  if (is_float(found)) {
    if (!integer_of(float_of(found), value)) return false;
  } else {
    const auto bits = static_cast<std::int64_t>(found.bits);
    const bool fits = found.kind == token_kind::negative || (found.kind == token_kind::positive && bits >= 0);
    if (!fits) return false;
    value = bits;
  }
  at_ = behind;
  return true;
}

bool msgpack_reader::read(std::uint64_t& value) {
  token found;
  const char* behind = nullptr;
  if (!find_token(found, behind)) return false;
  if (is_float(found)) {
    if (!integer_of(float_of(found), value)) return false;
  } else {
    if (found.kind != token_kind::positive) return false;
    value = found.bits;
  }
  at_ = behind;
  return true;
}

bool msgpack_reader::read(double& value) {
  token found;
  const char* behind = nullptr;
  if (!find_token(found, behind)) return false;
  switch (found.kind) {
    case token_kind::float_32:
    case token_kind::float_64: value = float_of(found); break;
    case token_kind::positive: value = static_cast<double>(found.bits); break;
    case token_kind::negative: value = static_cast<double>(static_cast<std::int64_t>(found.bits)); break;
    default: return false;
  }
  at_ = behind;
  return true;
}

// The text that comes next, as it was sent.
inline bool msgpack_reader::take_text(std::string_view& text) noexcept {
  if (at_ == end_) return malformed();
  const auto first = static_cast<unsigned char>(*at_);
  const auto room = static_cast<std::size_t>(end_ - at_) - 1;
  if (first >= msgpack::fixstr && first < msgpack::nil) {  // nearly all texts, and all names of members
    const std::size_t size = first & 0x1fU;
    if (size > room) return malformed();
    text = {at_ + 1, size};
    at_ += size + 1;
    return true;
  }
  token found;
  const char* behind = nullptr;
  if (!find_token(found, behind) || found.kind != token_kind::text) return false;
  text = {behind, found.size};
  at_ = behind + found.size;
  return true;
}

bool msgpack_reader::read(std::string& value) {
  std::string_view text;
  if (!take_text(text)) return false;
  if (json_text::is_utf8(text)) {
    value.assign(text);
  } else {
    mend_utf8(text, value);
  }
  return true;
}

bool msgpack_reader::read_text(std::string_view& value) {
  if (!take_text(value)) return false;
  if (json_text::is_utf8(value)) return true;
  mend_utf8(value, mended_);
  value = mended_;
  return true;
}

bool msgpack_reader::read(bytes& value) {
  token found;
  const char* behind = nullptr;
  if (!find_token(found, behind)) return false;
  if (found.kind == token_kind::array) return read_byte_array(value);
  if (found.kind != token_kind::binary && found.kind != token_kind::text) return false;
  const auto* first = reinterpret_cast<const std::byte*>(behind);
  value.assign(first, first + found.size);
  at_ = behind + found.size;
  return true;
}

bool msgpack_reader::read_byte_array(bytes& value) {
  value.clear();
  if (!enter_array()) return false;
  while (next_element()) {
    std::uint64_t one = 0;
    if (!read(one) || one > 0xff) return false;
    value.push_back(static_cast<std::byte>(one));
  }
  return ok_;
}

inline bool msgpack_reader::enter(token_kind kind) noexcept {
  token found;
  const char* behind = nullptr;
  if (!find_token(found, behind) || found.kind != kind) return false;
  if (depth_ >= msgpack::max_depth) return malformed();
  left_[depth_++] = found.size;
  at_ = behind;
  return true;
}

bool msgpack_reader::enter_array() { return enter(token_kind::array); }

bool msgpack_reader::next_element() {
  if (!ok_) return false;
  assert(depth_ > 0);
  std::uint32_t& left = left_[depth_ - 1];
  if (left == 0) {
    --depth_;
    return false;
  }
  --left;
  return true;
}

bool msgpack_reader::enter_object() { return enter(token_kind::map); }

// Members without a name in text have no meaning here: the object does not convert.
bool msgpack_reader::next_member(std::string_view& key) {
  if (!next_element()) return false;
  return read_text(key) || malformed();
}

bool msgpack_reader::skip() {
  bytes_view ignored;
  return read_raw(ignored);
}

bool msgpack_reader::read_extension(std::int8_t& type, bytes_view& content) {
  token found;
  const char* behind = nullptr;
  if (!find_token(found, behind) || found.kind != token_kind::extension) return false;
  type = found.extension_type;
  content = {behind, found.size};
  at_ = behind + found.size;
  return true;
}

bool msgpack_reader::read_raw(bytes_view& encoded) {
  const char* behind = msgpack::find_value_end(at_, end_, depth_);
  if (behind == nullptr) return malformed();
  encoded = {at_, static_cast<std::size_t>(behind - at_)};
  at_ = behind;
  return true;
}

bool msgpack_reader::go_back(const place& to) {
  const auto again = static_cast<std::size_t>(at_ - to.at);
  if (again > may_read_again_) return false;
  may_read_again_ -= again;
  at_ = to.at;
  depth_ = to.depth;
  ok_ = true;
  return true;
}

}  // namespace hubbub::inline v0
