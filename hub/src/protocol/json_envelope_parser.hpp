// The parser of one JSON envelope: its state, and the steps that json_envelope.cpp and json_envelope_rare.cpp share.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>

#include "hubbub/protocol/hub_message.hpp"
#include "json_text.hpp"

namespace hubbub::inline v0 {

/// Goes once over a message and fills a hub_message. Lives for one call of parse_json_envelope.
class json_envelope_parser {
 public:
  json_envelope_parser(bytes_view encoded, hub_message& message) noexcept
      : at_(encoded.data()), end_(encoded.data() + encoded.size()), message_(message) {}

  parse_status parse() {
    if (!read_properties()) return parse_status::fatal;
    if (!has_type_) {
      missing("type");
      return parse_status::fatal;
    }
    return conclude();
  }

 private:
  // Where the wire had escapes, the text is kept in one of the message's strings.
  static constexpr std::size_t id_scratch = 0;
  static constexpr std::size_t target_scratch = 1;
  static constexpr std::size_t error_scratch = 2;

  bool read_properties();
  bool read_common_property();
  bool read_any_property();
  bool read_property(std::string_view name);
  bool take(std::string_view name) noexcept;
  bool read_target();
  bool read_invocation_id();
  bool read_type();
  bool read_allow_reconnect();
  bool read_sequence_id();
  bool read_arguments();
  bool read_value();
  bool read_stream_ids();
  bool read_headers();
  bool read_string(std::string_view name, std::string_view& value, std::string& scratch);
  bool read_text(std::string_view& text, std::string& scratch);
  template <class Integer>
  bool read_integer(Integer& value, std::string_view width);

  parse_status conclude();
  bool requires_id();
  bool requires_target_and_arguments();

  void skip_space() noexcept {
    if (at_ != end_ && static_cast<unsigned char>(*at_) > ' ') return;
    at_ = json_text::skip_space(at_, end_);
  }
  [[nodiscard]] bool at(char byte) const noexcept { return at_ != end_ && *at_ == byte; }
  [[nodiscard]] bool is_token() const noexcept;

  bool fail(std::string_view type, std::initializer_list<std::string_view> problem);
  bool invalid(std::initializer_list<std::string_view> problem) { return fail("InvalidDataException", problem); }
  bool broken() { return invalid({"Error reading JSON."}); }
  bool missing(std::string_view name) { return invalid({"Missing required property '", name, "'."}); }
  // The next value has another type than it must have, unless it is no JSON at all.
  bool unexpected(std::string_view name, std::string_view wanted) {
    return is_token() ? invalid({"Expected '", name, "' to be ", wanted, "."}) : broken();
  }

  const char* at_;
  const char* end_;
  hub_message& message_;
  std::int32_t type_ = 0;
  bool has_type_ = false;
  bool has_target_ = false;
  bool has_arguments_ = false;
  bool has_item_ = false;
  bool has_sequence_id_ = false;
  bytes_view arguments_;
  bytes_view item_;
  bytes_view result_;
};

template <class Integer>
bool json_envelope_parser::read_integer(Integer& value, std::string_view width) {
  bool fractional = false;
  const char* stop = json_text::find_number_end(at_, end_, fractional);
  if (stop == nullptr) return broken();
  if (fractional || std::from_chars(at_, stop, value).ec != std::errc()) {
    return fail("FormatException",
                {"Either the JSON value is not in a supported format, or is out of bounds for an ", width, "."});
  }
  at_ = stop;
  return true;
}

}  // namespace hubbub::inline v0
