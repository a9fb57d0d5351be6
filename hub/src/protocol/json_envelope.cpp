// Parses the envelope of a JSON hub message in one pass: properties in any order, values left as slices.
#include "json_envelope.hpp"

#include <charconv>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>

#include "json_text.hpp"

namespace hubbub::inline v0 {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t id_scratch = 0;
constexpr std::size_t target_scratch = 1;
constexpr std::size_t error_scratch = 2;

class envelope_parser {
 public:
  envelope_parser(bytes_view encoded, hub_message& message) noexcept
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

bool envelope_parser::fail(std::string_view type, std::initializer_list<std::string_view> problem) {
  message_.problem_type = type;
  message_.problem.clear();
  for (const std::string_view part : problem) message_.problem.append(part);
  return false;
}

// True when a JSON token begins here. Of containers only the bracket is looked at.
bool envelope_parser::is_token() const noexcept {
  if (at_ == end_) return false;
  if (*at_ == '{' || *at_ == '[') return true;
  const char* stop = json_text::find_value_end(at_, end_, 0);
  if (stop == nullptr) return false;
  const bool delimited = stop == end_ || json_text::is_space(*stop) || *stop == ',' || *stop == '}' || *stop == ']';
  return delimited || (*at_ != '-' && !json_text::is_digit(*at_));
}

bool envelope_parser::read_properties() {
  skip_space();
  if (!at('{')) {
    if (!is_token()) return broken();
    std::string_view kind = "Number";
    if (*at_ == '[') kind = "Array";
    if (*at_ == '"') kind = "String";
    if (*at_ == 'n') kind = "Null";
    if (*at_ == 't') kind = "True";
    if (*at_ == 'f') kind = "False";
    return invalid({"Unexpected JSON Token Type '", kind, "'. Expected a JSON Object."});
  }
  ++at_;
  skip_space();
  if (at('}')) return true;
  for (;;) {
    if (!at('"')) return broken();
    if (!read_common_property()) return false;
    skip_space();
    if (at('}')) return true;  // what follows is not looked at
    if (!at(',')) return broken();
    ++at_;
    skip_space();
  }
}

// Takes `"name":` when that comes next, without whitespace in it or behind it.
[[gnu::always_inline]] inline bool envelope_parser::take(std::string_view name) noexcept {
  if (static_cast<std::size_t>(end_ - at_) <= name.size() || json_text::is_space(at_[name.size()])) return false;
  if (std::memcmp(at_, name.data(), name.size()) != 0) return false;
  at_ += name.size();
  return true;
}

// The forms that all official clients send, recognised whole: what the processor can predict it need not wait for.
// Anything else takes the general way.
bool envelope_parser::read_common_property() {
  if (end_ - at_ < 2) return broken();
  switch (at_[1]) {
    case 't':
      if (take(R"("target":)"sv)) return read_target();
      if (take(R"("type":)"sv)) return read_type();
      break;
    case 'a':
      if (take(R"("arguments":)"sv)) return read_arguments();
      break;
    case 'i':
      if (take(R"("invocationId":)"sv)) return read_invocation_id();
      break;
    default: break;
  }
  return read_any_property();
}

bool envelope_parser::read_any_property() {
  std::string scratch;
  std::string_view name;
  if (!read_text(name, scratch)) return false;
  skip_space();
  if (!at(':')) return broken();
  ++at_;
  skip_space();
  if (at_ == end_) return broken();
  return read_property(name);
}

bool envelope_parser::read_target() {
  has_target_ = true;
  return read_string("target", message_.target, message_.scratch[target_scratch]);
}

bool envelope_parser::read_invocation_id() {
  // Ids are a few digits in nearly all messages.
  if (*at_ == '"') {
    const char* stop = at_ + 1;
    while (stop != end_ && json_text::is_digit(*stop)) ++stop;
    if (stop != end_ && *stop == '"') {
      message_.invocation_id = {at_ + 1, static_cast<std::size_t>(stop - at_ - 1)};
      at_ = stop + 1;
      return true;
    }
  }
  return read_string("invocationId", message_.invocation_id, message_.scratch[id_scratch]);
}

bool envelope_parser::read_property(std::string_view name) {
  const auto is = [name](std::string_view known) noexcept {
    return std::memcmp(name.data(), known.data(), known.size()) == 0;
  };
  switch (name.size()) {
    case 4:
      if (is("type"sv)) return read_type();
      if (is("item"sv)) {
        has_item_ = true;
        if (!read_value()) return false;
        item_ = message_.value;
        return true;
      }
      break;
    case 5:
      if (is("error"sv)) {
        message_.has_error = true;
        return read_string("error", message_.error, message_.scratch[error_scratch]);
      }
      break;
    case 6:
      if (is("target"sv)) return read_target();
      if (is("result"sv)) {
        message_.has_result = true;
        if (!read_value()) return false;
        result_ = message_.value;
        return true;
      }
      break;
    case 7:
      if (is("headers"sv)) return read_headers();
      break;
    case 9:
      if (is("arguments"sv)) return read_arguments();
      if (is("streamIds"sv)) return read_stream_ids();
      break;
    case 10:
      if (is("sequenceId"sv)) return read_sequence_id();
      break;
    case 12:
      if (is("invocationId"sv)) return read_invocation_id();
      break;
    case 14:
      if (is("allowReconnect"sv)) return read_allow_reconnect();
      break;
    default: break;
  }
  return read_value();  // unknown: checked and forgotten
}

template <class Integer>
bool envelope_parser::read_integer(Integer& value, std::string_view width) {
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

bool envelope_parser::read_type() {
  has_type_ = true;
  if (*at_ != '-' && !json_text::is_digit(*at_)) return unexpected("type", "of type Number");
  return read_integer(type_, "Int32");
}

bool envelope_parser::read_sequence_id() {
  if (json_text::find_literal_end(at_, end_) != nullptr && *at_ == 'n') {  // null counts as absent
    has_sequence_id_ = false;
    at_ += 4;
    return true;
  }
  has_sequence_id_ = true;
  if (*at_ != '-' && !json_text::is_digit(*at_)) return unexpected("sequenceId", "of type Number");
  return read_integer(message_.sequence_id, "Int64");
}

bool envelope_parser::read_allow_reconnect() {
  const char* stop = json_text::find_literal_end(at_, end_);
  if (stop == nullptr || *at_ == 'n') return unexpected("allowReconnect", "true or false");
  message_.allow_reconnect = *at_ == 't';
  at_ = stop;
  return true;
}

bool envelope_parser::read_arguments() {
  if (*at_ != '[') return unexpected("arguments", "of type Array");
  has_arguments_ = true;
  if (!read_value()) return false;
  arguments_ = message_.value;
  return true;
}

bool envelope_parser::read_value() {
  const char* stop = json_text::find_value_end(at_, end_, 1);
  if (stop == nullptr) return broken();
  message_.value = {at_, static_cast<std::size_t>(stop - at_)};
  at_ = stop;
  return true;
}

bool envelope_parser::read_string(std::string_view name, std::string_view& value, std::string& scratch) {
  if (*at_ != '"') return unexpected(name, "of type String");
  return read_text(value, scratch);
}

// Stands on a quote. Shows the text unescaped, in place when it can.
bool envelope_parser::read_text(std::string_view& text, std::string& scratch) {
  json_text::string_traits traits;
  const char* closing = json_text::find_string_end(at_ + 1, end_, traits);
  if (closing == nullptr) return broken();
  text = {at_ + 1, static_cast<std::size_t>(closing - at_ - 1)};
  at_ = closing + 1;
  if (traits.non_ascii && !json_text::is_utf8(text)) {
    return fail("InvalidOperationException", {"Cannot read text that is not UTF-8."});
  }
  if (traits.escaped) {
    if (!json_text::unescape(text, scratch)) {
      return fail("InvalidOperationException", {"Cannot read text with half a surrogate pair."});
    }
    text = scratch;
  }
  return true;
}

bool envelope_parser::read_stream_ids() {
  if (*at_ != '[') return unexpected("streamIds", "of type Array");
  message_.stream_ids.clear();
  ++at_;
  skip_space();
  if (at(']')) {
    ++at_;
    return true;
  }
  std::string scratch;
  for (;;) {
    if (!at('"')) {
      if (!is_token()) return broken();
      if (*at_ == 'n') return invalid({"Null value for 'streamIds' is not valid."});
      return fail("InvalidOperationException", {"Cannot read a stream id that is not text."});
    }
    std::string_view id;
    if (!read_text(id, scratch)) return false;
    message_.stream_ids.emplace_back(id);
    skip_space();
    if (at(']')) break;
    if (!at(',')) return broken();
    ++at_;
    skip_space();
  }
  ++at_;
  return true;
}

bool envelope_parser::read_headers() {
  if (*at_ != '{') return unexpected("headers", "of type StartObject");
  ++at_;
  skip_space();
  if (at('}')) {
    ++at_;
    return true;
  }
  std::string scratch;
  std::string ignored;
  for (;;) {
    std::string_view name;
    std::string_view value;
    if (!at('"')) return broken();
    if (!read_text(name, scratch)) return false;
    skip_space();
    if (!at(':')) return broken();
    ++at_;
    skip_space();
    if (!at('"')) return is_token() ? invalid({"Expected header '", name, "' to be of type String."}) : broken();
    if (!read_text(value, ignored)) return false;
    skip_space();
    if (at('}')) break;
    if (!at(',')) return broken();
    ++at_;
    skip_space();
  }
  ++at_;
  return true;
}

bool envelope_parser::requires_id() {
  if (!message_.invocation_id.empty()) return true;
  return missing("invocationId");
}

bool envelope_parser::requires_target_and_arguments() {
  if (!has_target_) return missing("target");
  if (type_ == 4 && !requires_id()) return false;
  if (!has_arguments_) return missing("arguments");
  message_.value = arguments_;
  return true;
}

// All properties are known: checks what this type of message requires.
parse_status envelope_parser::conclude() {
  if (type_ < 1 || type_ > 9) return parse_status::skip;
  message_.type = static_cast<message_type>(type_);
  message_.has_invocation_id = !message_.invocation_id.empty();
  message_.value = {};
  bool complete = true;
  switch (message_.type) {
    case message_type::invocation:
    case message_type::stream_invocation: complete = requires_target_and_arguments(); break;
    case message_type::stream_item:
      complete = requires_id() && (has_item_ || missing("item"));
      message_.value = item_;
      break;
    case message_type::completion:
      complete = requires_id();
      if (complete && message_.has_error && message_.has_result) {
        complete = invalid({"The 'error' and 'result' properties are mutually exclusive."});
      }
      message_.value = result_;
      break;
    case message_type::cancel_invocation: complete = requires_id(); break;
    case message_type::ack:
    case message_type::sequence: complete = has_sequence_id_ || missing("sequenceId"); break;
    case message_type::ping:
    case message_type::close:
    case message_type::unknown: break;
  }
  return complete ? parse_status::message : parse_status::fatal;
}

void clear(hub_message& message) noexcept {
  message.type = message_type::unknown;
  message.has_invocation_id = false;
  message.has_result = false;
  message.has_error = false;
  message.allow_reconnect = false;
  message.invocation_id = {};
  message.target = {};
  message.error = {};
  message.value = {};
  message.sequence_id = 0;
  message.stream_ids.clear();
}

}  // namespace

parse_status parse_json_envelope(bytes_view encoded, hub_message& message) {
  clear(message);
  return envelope_parser(encoded, message).parse();
}

}  // namespace hubbub::inline v0
