// The steps of the envelope's parser that few messages take: rare properties, other spellings, and what is wrong.
#include <cstring>
#include <string>
#include <string_view>

#include "json_envelope_parser.hpp"
#include "json_text.hpp"

namespace hubbub::inline v0 {

using namespace std::string_view_literals;

bool json_envelope_parser::read_any_property() {
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

bool json_envelope_parser::read_property(std::string_view name) {
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

bool json_envelope_parser::read_sequence_id() {
  if (json_text::find_literal_end(at_, end_) != nullptr && *at_ == 'n') {  // null counts as absent
    has_sequence_id_ = false;
    at_ += 4;
    return true;
  }
  has_sequence_id_ = true;
  if (*at_ != '-' && !json_text::is_digit(*at_)) return unexpected("sequenceId", "of type Number");
  return read_integer(message_.sequence_id, "Int64");
}

bool json_envelope_parser::read_allow_reconnect() {
  const char* stop = json_text::find_literal_end(at_, end_);
  if (stop == nullptr || *at_ == 'n') return unexpected("allowReconnect", "true or false");
  message_.allow_reconnect = *at_ == 't';
  at_ = stop;
  return true;
}

bool json_envelope_parser::read_stream_ids() {
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

bool json_envelope_parser::read_headers() {
  if (*at_ != '{') return unexpected("headers", "of type StartObject");
  const char* const begin = at_++;
  message_.headers = {};
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
  message_.headers = {begin, static_cast<std::size_t>(at_ - begin)};
  return true;
}

bool json_envelope_parser::fail(std::string_view type, std::initializer_list<std::string_view> problem) {
  message_.problem_type = type;
  message_.problem.clear();
  for (const std::string_view part : problem) message_.problem.append(part);
  return false;
}

// True when a JSON token begins here. Of containers only the bracket is looked at.
bool json_envelope_parser::is_token() const noexcept {
  if (at_ == end_) return false;
  if (*at_ == '{' || *at_ == '[') return true;
  const char* stop = json_text::find_value_end(at_, end_, 0);
  if (stop == nullptr) return false;
  const bool delimited = stop == end_ || json_text::is_space(*stop) || *stop == ',' || *stop == '}' || *stop == ']';
  return delimited || (*at_ != '-' && !json_text::is_digit(*at_));
}

}  // namespace hubbub::inline v0
