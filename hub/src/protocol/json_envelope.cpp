// Parses the envelope of a JSON hub message in one pass: properties in any order, values left as slices.
#include "json_envelope.hpp"

#include <cstring>
#include <string>
#include <string_view>

#include "json_envelope_parser.hpp"
#include "json_text.hpp"

namespace hubbub::inline v0 {

using namespace std::string_view_literals;

bool json_envelope_parser::read_properties() {
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
[[gnu::always_inline]] inline bool json_envelope_parser::take(std::string_view name) noexcept {
  if (static_cast<std::size_t>(end_ - at_) <= name.size() || json_text::is_space(at_[name.size()])) return false;
  if (std::memcmp(at_, name.data(), name.size()) != 0) return false;
  at_ += name.size();
  return true;
}

// The forms that all official clients send, recognised whole: what the processor can predict it need not wait for.
// Anything else takes the general way.
bool json_envelope_parser::read_common_property() {
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

bool json_envelope_parser::read_target() {
  has_target_ = true;
  return read_string("target", message_.target, message_.scratch[target_scratch]);
}

bool json_envelope_parser::read_invocation_id() {
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

bool json_envelope_parser::read_type() {
  has_type_ = true;
  if (*at_ != '-' && !json_text::is_digit(*at_)) return unexpected("type", "of type Number");
  return read_integer(type_, "Int32");
}

bool json_envelope_parser::read_arguments() {
  if (*at_ != '[') return unexpected("arguments", "of type Array");
  has_arguments_ = true;
  if (!read_value()) return false;
  arguments_ = message_.value;
  return true;
}

bool json_envelope_parser::read_value() {
  const char* stop = json_text::find_value_end(at_, end_, 1);
  if (stop == nullptr) return broken();
  message_.value = {at_, static_cast<std::size_t>(stop - at_)};
  at_ = stop;
  return true;
}

bool json_envelope_parser::read_string(std::string_view name, std::string_view& value, std::string& scratch) {
  if (*at_ != '"') return unexpected(name, "of type String");
  return read_text(value, scratch);
}

// Stands on a quote. Shows the text unescaped, in place when it can.
bool json_envelope_parser::read_text(std::string_view& text, std::string& scratch) {
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

bool json_envelope_parser::requires_id() {
  if (!message_.invocation_id.empty()) return true;
  return missing("invocationId");
}

bool json_envelope_parser::requires_target_and_arguments() {
  if (!has_target_) return missing("target");
  if (type_ == 4 && !requires_id()) return false;
  if (!has_arguments_) return missing("arguments");
  message_.value = arguments_;
  return true;
}

// All properties are known: checks what this type of message requires.
parse_status json_envelope_parser::conclude() {
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

parse_status parse_json_envelope(bytes_view encoded, hub_message& message) {
  message.clear();
  return json_envelope_parser(encoded, message).parse();
}

}  // namespace hubbub::inline v0
