// Reads typed values from JSON text in place: each function takes one token or fails.
#include "json_reader.hpp"

#include <charconv>
#include <cstring>
#include <system_error>

#include "json_bytes.hpp"
#include "json_text.hpp"

namespace hubbub::inline v0 {
namespace {

// A number that from_chars cannot represent is either huge or as good as zero: the power of ten of its first
// significant digit tells.
bool rounds_to_zero(const char* at, const char* end) noexcept {
  if (*at == '-') ++at;
  long power = 0;
  bool seen_digit = false;
  bool seen_point = false;
  for (; at != end && *at != 'e' && *at != 'E'; ++at) {
    if (*at == '.') {
      seen_point = true;
      continue;
    }
    seen_digit = seen_digit || *at != '0';
    if (seen_digit && !seen_point) ++power;
    if (!seen_digit && seen_point) --power;
  }
  if (at == end) return power < 0;
  ++at;
  const bool negative = *at == '-';
  if (*at == '-' || *at == '+') ++at;
  long exponent = 0;
  for (; at != end; ++at) {
    if (exponent < 1'000'000'000) exponent = exponent * 10 + (*at - '0');
  }
  return power + (negative ? -exponent : exponent) < 0;
}

}  // namespace

inline void json_reader::skip_space() noexcept {
  if (at_ != end_ && static_cast<unsigned char>(*at_) > ' ') return;
  at_ = json_text::skip_space(at_, end_);
}

// Stands on the first byte of the next value, or notes that there is none.
inline bool json_reader::find_value() noexcept {
  skip_space();
  if (at_ == end_) return malformed();
  return true;
}

bool json_reader::is_literal(std::string_view word) const noexcept {
  return static_cast<std::size_t>(end_ - at_) >= word.size() && std::memcmp(at_, word.data(), word.size()) == 0;
}

value_kind json_reader::peek() {
  skip_space();
  if (at_ == end_) return value_kind::invalid;
  switch (*at_) {
    case '"': return value_kind::string;
    case '{': return value_kind::object;
    case '[': return value_kind::array;
    case 'n': return is_literal("null") ? value_kind::null : value_kind::invalid;
    case 't': return is_literal("true") ? value_kind::boolean : value_kind::invalid;
    case 'f': return is_literal("false") ? value_kind::boolean : value_kind::invalid;
    default: break;
  }
  bool fractional = false;
  if (json_text::find_number_end(at_, end_, fractional) == nullptr) return value_kind::invalid;
  return fractional ? value_kind::number : value_kind::integer;
}

bool json_reader::read_null() {
  if (!find_value()) return false;
  if (!is_literal("null")) return false;
  at_ += 4;
  return true;
}

bool json_reader::read(bool& value) {
  if (!find_value()) return false;
  if (is_literal("true")) {
    value = true;
    at_ += 4;
    return true;
  }
  if (!is_literal("false")) return false;
  value = false;
  at_ += 5;
  return true;
}

template <class Integer>
bool json_reader::read_integer(Integer& value) {
  if (!find_value()) return false;
  // from_chars takes leading zeros and stops at a fraction; JSON has no leading zeros and a fraction is no integer.
  const auto [stop, error] = std::from_chars(at_, end_, value);
  if (error != std::errc()) return false;
  const char* digits = *at_ == '-' ? at_ + 1 : at_;
  if (*digits == '0' && stop - digits > 1) return malformed();
  if (stop != end_ && (*stop == '.' || *stop == 'e' || *stop == 'E')) return false;
  at_ = stop;
  return true;
}

bool json_reader::read(std::int64_t& value) { return read_integer(value); }

bool json_reader::read(std::uint64_t& value) {
  if (!find_value()) return false;
  if (*at_ != '-') return read_integer(value);
  std::int64_t zero = 0;  // the one integer with a minus that fits
  if (!read_integer(zero) || zero != 0) return false;
  value = 0;
  return true;
}

bool json_reader::read(double& value) {
  if (!find_value()) return false;
  bool fractional = false;
  const char* stop = json_text::find_number_end(at_, end_, fractional);
  if (stop == nullptr) return false;
  const auto result = std::from_chars(at_, stop, value);
  if (result.ec == std::errc::result_out_of_range) {
    if (!rounds_to_zero(at_, stop)) return false;
    value = *at_ == '-' ? -0.0 : 0.0;
  } else if (result.ec != std::errc()) {
    return false;
  }
  at_ = stop;
  return true;
}

// The inside of the string that comes next, checked; still escaped when `escaped`.
inline bool json_reader::read_string(std::string_view& inside, bool& escaped) {
  if (!find_value()) return false;
  if (*at_ != '"') return false;
  json_text::string_traits traits;
  const char* closing = json_text::find_string_end(at_ + 1, end_, traits);
  if (closing == nullptr) return malformed();
  inside = {at_ + 1, static_cast<std::size_t>(closing - at_ - 1)};
  if (traits.non_ascii && !json_text::is_utf8(inside)) return false;
  escaped = traits.escaped;
  at_ = closing + 1;
  return true;
}

bool json_reader::read(std::string& value) {
  std::string_view inside;
  bool escaped = false;
  if (!read_string(inside, escaped)) return false;
  if (escaped) return json_text::unescape(inside, value);
  value.assign(inside);
  return true;
}

bool json_reader::read_text(std::string_view& value) {
  bool escaped = false;
  if (!read_string(value, escaped)) return false;
  if (!escaped) return true;
  if (!json_text::unescape(value, unescaped_)) return false;
  value = unescaped_;
  return true;
}

bool json_reader::read(bytes& value) {
  std::string_view text;
  return read_text(text) && read_json_bytes(text, value);
}

bool json_reader::enter(char bracket) noexcept {
  if (!find_value()) return false;
  if (*at_ != bracket) return false;
  if (depth_ >= json_text::max_depth) return malformed();
  ++depth_;
  ++at_;
  first_ = true;
  return true;
}

bool json_reader::enter_array() { return enter('['); }

bool json_reader::next_element() {
  if (!find_value()) return false;
  if (*at_ == ']') {
    ++at_;
    --depth_;
    first_ = false;
    return false;
  }
  if (first_) {
    first_ = false;
    return true;
  }
  if (*at_ != ',') return malformed();
  ++at_;
  if (!find_value()) return false;
  if (*at_ == ']') return malformed();
  return true;
}

bool json_reader::enter_object() { return enter('{'); }

bool json_reader::next_member(std::string_view& key) {
  if (!find_value()) return false;
  if (*at_ == '}') {
    ++at_;
    --depth_;
    first_ = false;
    return false;
  }
  if (!first_) {
    if (*at_ != ',') return malformed();
    ++at_;
    if (!find_value()) return false;
  }
  first_ = false;
  if (*at_ != '"') return malformed();
  json_text::string_traits traits;
  const char* closing = json_text::find_string_end(at_ + 1, end_, traits);
  if (closing == nullptr) return malformed();
  key = {at_ + 1, static_cast<std::size_t>(closing - at_ - 1)};
  if (traits.non_ascii && !json_text::is_utf8(key)) return malformed();
  if (traits.escaped) {
    if (!json_text::unescape(key, unescaped_)) return malformed();
    key = unescaped_;
  }
  at_ = closing + 1;
  if (!find_value()) return false;
  if (*at_ != ':') return malformed();
  ++at_;
  return true;
}

bool json_reader::skip() {
  bytes_view ignored;
  return read_raw(ignored);
}

bool json_reader::go_back(const place& to) {
  const auto again = static_cast<std::size_t>(at_ - to.at);
  if (again > may_read_again_) return false;
  may_read_again_ -= again;
  at_ = to.at;
  depth_ = to.depth;
  first_ = to.first;
  ok_ = true;
  return true;
}

bool json_reader::read_raw(bytes_view& encoded) {
  if (!find_value()) return false;
  const char* stop = json_text::find_value_end(at_, end_, depth_);
  if (stop == nullptr) return malformed();
  encoded = {at_, static_cast<std::size_t>(stop - at_)};
  at_ = stop;
  return true;
}

}  // namespace hubbub::inline v0
