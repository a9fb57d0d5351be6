// Parses the envelope of a MessagePack hub message, element by element. What is read, by type:
//
//   [1, headers, id or nil, target, [arguments], [stream ids]?]
//   [2, headers, id, item]
//   [3, headers, id, kind, result?]
//   [4, headers, id, target, [arguments], [stream ids]?]
//   [5, headers, id]
//   [6]
//   [7, error or nil, allow reconnect?]
//   [8, sequence id]
//   [9, sequence id]
//
// More elements than these are not looked at, nor is what lies behind the array.
#include "msgpack_envelope.hpp"

#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>

#include "json_text.hpp"
#include "msgpack_format.hpp"
#include "utf8_mending.hpp"

namespace hubbub::inline v0 {
namespace {

using msgpack::token;
using msgpack::token_kind;

class envelope_parser {
 public:
  envelope_parser(bytes_view encoded, hub_message& message) noexcept
      : at_(encoded.data()), end_(encoded.data() + encoded.size()), message_(message) {}

  parse_status parse() {
    std::int64_t type = 0;
    if (!enter_message() || !read_int32("messageType", type)) return parse_status::fatal;
    if (type < 1 || type > 9) return parse_status::skip;
    message_.type = static_cast<message_type>(type);
    return read_rest() ? parse_status::message : parse_status::fatal;
  }

 private:
  bool read_rest() {
    switch (message_.type) {
      case message_type::invocation: return read_headers() && read_any_id() && read_call("Invocation");
      case message_type::stream_invocation:
        return read_headers() && read_id("StreamInvocation") && read_call("StreamInvocation");
      case message_type::stream_item: return read_headers() && read_id("StreamItem") && read_value();
      case message_type::completion: return read_headers() && read_id("Completion") && read_outcome();
      case message_type::cancel_invocation: return read_headers() && read_id("CancelInvocation");
      case message_type::close: return read_close();
      case message_type::ack:
      case message_type::sequence: return read_sequence_id();
      case message_type::ping:
      case message_type::unknown: break;
    }
    return true;
  }

  bool enter_message() {
    token head;
    const char* const begin = at_;
    if (!msgpack::read_token(at_, end_, head)) return past_the_end();
    if (head.kind != token_kind::array) return unexpected_code(*begin);
    left_ = head.size;
    return true;
  }

  // Takes the head of the next element when there is one and it is of that kind.
  bool take(token_kind kind, token& head) noexcept {
    if (left_ == 0 || !msgpack::read_token(at_, end_, head) || head.kind != kind) return false;
    --left_;
    return true;
  }

  // Takes nil when that comes next.
  bool take_nil() noexcept {
    if (left_ == 0 || at_ == end_ || static_cast<unsigned char>(*at_) != msgpack::nil) return false;
    ++at_;
    --left_;
    return true;
  }

  bool take_integer(std::int64_t& value) noexcept {
    token head;
    if (left_ == 0 || !msgpack::read_token(at_, end_, head)) return false;
    if (head.kind != token_kind::positive && head.kind != token_kind::negative) return false;
    value = static_cast<std::int64_t>(head.bits);
    --left_;
    return head.kind == token_kind::negative || value >= 0;
  }

  bool read_int32(std::string_view name, std::int64_t& value) {
    using int32 = std::numeric_limits<std::int32_t>;
    if (take_integer(value) && value >= int32::min() && value <= int32::max()) return true;
    return invalid({"Reading '", name, "' as Int32 failed."});
  }

  bool read_sequence_id() {
    return take_integer(message_.sequence_id) || invalid({"Reading 'sequenceId' as Int64 failed."});
  }

  // Text whose place in the message is known; `scratch` holds it when it had to be mended.
  bool take_text(std::string_view& text, std::string& scratch) {
    token head;
    if (!msgpack::read_token(at_, end_, head) || head.kind != token_kind::text) return false;
    text = {at_, head.size};
    at_ += head.size;
    if (!json_text::is_utf8(text)) {
      mend_utf8(text, scratch);
      text = scratch;
    }
    return true;
  }

  // nil reads as empty.
  bool read_text(std::string_view name, std::string_view& text, std::string& scratch) {
    text = {};
    if (take_nil()) return true;
    if (left_ == 0 || !take_text(text, scratch)) return invalid({"Reading '", name, "' as String failed."});
    --left_;
    return true;
  }

  // Headers are checked here and read by who wants them; nil stands for none.
  bool read_headers() {
    if (take_nil()) return true;
    const char* const begin = at_;
    token head;
    if (!take(token_kind::map, head)) return invalid({"Reading map length for 'headers' failed."});
    std::string scratch;
    for (std::uint32_t i = 0; i < head.size; ++i) {
      if (!read_header_text(i, "Key", "key", scratch) || !read_header_text(i, "Value", "value", scratch)) return false;
    }
    if (head.size != 0) message_.headers = {begin, static_cast<std::size_t>(at_ - begin)};
    return true;
  }

  bool read_header_text(std::uint32_t index, std::string_view part, std::string_view name, std::string& scratch) {
    std::string_view text;
    const bool is_nil = at_ != end_ && static_cast<unsigned char>(*at_) == msgpack::nil;
    if (!is_nil && !take_text(text, scratch)) {
      return invalid({"Reading 'headers[", std::to_string(index), "].", part, "' as String failed."});
    }
    return !text.empty() || invalid({"Null or empty ", name, " in header."});
  }

  // An invocation without id wants no answer.
  bool read_any_id() {
    if (!read_text("invocationId", message_.invocation_id, message_.scratch[0])) return false;
    message_.has_invocation_id = !message_.invocation_id.empty();
    return true;
  }

  bool read_id(std::string_view of_message) {
    if (!read_any_id()) return false;
    return message_.has_invocation_id || invalid({"Null or empty invocation ID for ", of_message, " message."});
  }

  bool read_call(std::string_view of_message) {
    if (!read_text("target", message_.target, message_.scratch[1])) return false;
    if (message_.target.empty()) return invalid({"Null or empty target for ", of_message, " message."});
    return read_value() && (left_ == 0 || read_stream_ids());
  }

  // Nothing behind a malformed value can be found: it is the last.
  bool read_value() {
    const char* behind = left_ == 0 ? nullptr : msgpack::find_value_end(at_, end_, 1);
    left_ = behind == nullptr ? 0 : left_ - 1;
    if (behind == nullptr) behind = end_;
    message_.value = {at_, static_cast<std::size_t>(behind - at_)};
    at_ = behind;
    return true;
  }

  // A result that is announced must be there: without it the completion has too few elements, whoever waits for it. One
  // that is malformed is a value that does not bind, as everywhere.
  bool read_result() {
    if (left_ == 0 || at_ == end_) return past_the_end();
    return read_value();
  }

  bool read_stream_ids() {
    token head;
    if (!take(token_kind::array, head)) return invalid({"Reading array length for 'streamIds' failed."});
    std::string scratch;
    for (std::uint32_t i = 0; i < head.size; ++i) {
      std::string_view id;
      if (at_ == end_) return past_the_end();
      const auto first = static_cast<unsigned char>(*at_);
      if (first != msgpack::nil && !take_text(id, scratch)) return unexpected_code(static_cast<char>(first));
      if (id.empty()) return invalid({"Null or empty value in streamIds received."});
      message_.stream_ids.emplace_back(id);
    }
    return true;
  }

  bool read_outcome() {
    std::int64_t kind = 0;
    if (!read_int32("resultKind", kind)) return false;
    switch (kind) {
      case 1:
        message_.has_error = left_ == 0 || at_ == end_ || static_cast<unsigned char>(*at_) != msgpack::nil;
        return read_text("error", message_.error, message_.scratch[2]);
      case 2: return true;
      case 3: message_.has_result = true; return read_result();
      default: return invalid({"Invalid invocation result kind."});
    }
  }

  bool read_close() {
    message_.has_error = at_ != end_ && static_cast<unsigned char>(*at_) != msgpack::nil;
    if (!read_text("error", message_.error, message_.scratch[2])) return false;
    if (left_ == 0) return true;
    token head;
    if (!take(token_kind::boolean, head)) return invalid({"Reading 'allowReconnect' as Boolean failed."});
    message_.allow_reconnect = head.bits != 0;
    return true;
  }

  bool fail(std::string_view type, std::initializer_list<std::string_view> problem) {
    message_.problem_type = type;
    message_.problem.clear();
    for (const std::string_view part : problem) message_.problem.append(part);
    return false;
  }
  bool invalid(std::initializer_list<std::string_view> problem) { return fail("InvalidDataException", problem); }
  bool past_the_end() { return fail("EndOfStreamException", {"Attempted to read past the end of the stream."}); }
  bool unexpected_code(char first) {
    const auto code = static_cast<unsigned char>(first);
    return fail("MessagePackSerializationException",
                {"Unexpected msgpack code ", std::to_string(code), " (", msgpack::format_name(code), ") encountered."});
  }

  const char* at_;
  const char* end_;
  hub_message& message_;
  std::uint32_t left_ = 0;  // elements of the message that were not read
};

}  // namespace

parse_status parse_msgpack_envelope(bytes_view encoded, hub_message& message) {
  message.clear();
  return envelope_parser(encoded, message).parse();
}

}  // namespace hubbub::inline v0
