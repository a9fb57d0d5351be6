// The HTTP/1.x request machine. Lines are judged one at a time, each when its end has come, so that the verdict does
// not depend on how the bytes were cut on their way.
#include "http/request_reader.hpp"

#include <algorithm>
#include <cstring>

#include "http/http_text.hpp"

namespace hubbub::inline v0 {

namespace {

using http_text::list_has;
using http_text::trimmed;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Visible ASCII without what a browser always escapes; a stray one is a sign of somebody else's parsing.
bool is_target(std::string_view target) noexcept {
  return !target.empty() && std::all_of(target.begin(), target.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != '#' && c != '"' && c != '<' && c != '>';
  });
}

bool is_authority(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f && std::string_view("/\\@?#,\"<>^`{|}").find(c) == std::string_view::npos;
  });
}

// The authority of `http://authority/path`; empty when the target is not of that form.
std::string_view authority_of(std::string_view target) noexcept {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() <= scheme.size() || !equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    return target.substr(0, target.find_first_of("/?"));
  }
  return {};
}

}  // namespace

request_reader::outcome request_reader::feed(const char* data, std::size_t size, std::size_t& used) {
  const char* at = data;
  const char* const end = data + size;
  const bool head_was_whole = has_head();
  while (at != end && state_ < state::complete) {
    if (state_ == state::sized_body || state_ == state::chunk_body) {
      read_body(at, end);
    } else if (!read_lines(at, end)) {
      break;
    }
  }
  used = static_cast<std::size_t>(at - data);
  if (state_ == state::complete) return outcome::complete;
  if (state_ == state::failed) return outcome::failed;
  // A client that sent some of its body already does not wait for our word.
  const bool body_began = body_size_ > 0 || !partial_.empty();
  if (expects_continue_ && !head_was_whole && has_head() && !body_began) return outcome::expect_continue;
  return outcome::need_more;
}

void request_reader::reset(std::size_t keep_room) noexcept {
  if (body_size_ > keep_room) {
    request_ = hubbub::request();
  } else {
    request_.clear();
  }
  if (partial_.capacity() > keep_room) partial_ = std::string();
  partial_.clear();
  authority_.clear();
  left_ = body_size_ = 0;
  section_size_ = headers_ = 0;
  reason_ = {};
  status_ = version_ = 0;
  state_ = state::line;
  started_ = skipped_empty_line_ = has_host_ = has_length_ = chunked_ = expects_continue_ = false;
  says_close_ = says_keep_alive_ = says_upgrade_ = names_upgrade_ = false;
}

bool request_reader::fail(int status, std::string_view reason) noexcept {
  state_ = state::failed;
  status_ = status;
  reason_ = reason;
  return false;
}

// Reads lines until the state wants something else, the bytes end or the request is refused (false).
bool request_reader::read_lines(const char*& at, const char* end) {
  while (at != end && state_ != state::sized_body && state_ != state::chunk_body && state_ != state::complete) {
    started_ = true;
    const auto* line_feed = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    const std::string_view piece(at, static_cast<std::size_t>((line_feed != nullptr ? line_feed : end) - at));
    if (!allow_line(partial_.size() + piece.size() + 1)) return false;
    if (line_feed == nullptr) {
      partial_.append(piece);
      at = end;
      return true;
    }
    at = line_feed + 1;
    std::string_view line = piece;
    if (!partial_.empty()) line = partial_.append(piece);
    section_size_ += line.size() + 1;
    if (!line.ends_with('\r')) return fail(400, "a line ends without a carriage return");
    line.remove_suffix(1);
    if (!read_line(line)) return false;
    partial_.clear();
  }
  return true;
}

// Limits come before contents: a line too long is refused for that, whole or in pieces.
bool request_reader::allow_line(std::size_t size) noexcept {
  switch (state_) {
    case state::line: return section_size_ + size <= limits_.max_head || fail(414, "the request line is too long");
    case state::fields: return section_size_ + size <= limits_.max_head || fail(431, "the headers are too long");
    case state::trailers: return section_size_ + size <= limits_.max_trailers || fail(431, "the trailers are too long");
    case state::chunk_end: return size <= 2 || fail(400, "a chunk is longer than it said");
    default: return size <= limits_.max_chunk_line || fail(400, "a chunk's first line is too long");
  }
}

bool request_reader::read_line(std::string_view line) {
  switch (state_) {
    case state::line: return read_request_line(line);
    case state::fields: return line.empty() ? finish_head() : read_field(line);
    case state::chunk_line: return read_chunk_size(line);
    case state::chunk_end:
      if (!line.empty()) return fail(400, "a chunk is longer than it said");
      state_ = state::chunk_line;
      return true;
    default: return read_trailer(line);
  }
}

bool request_reader::read_request_line(std::string_view line) {
  if (line.empty()) {  // RFC 9112, 2.2: some clients end a body with a line end too many
    if (skipped_empty_line_) return fail(400, "empty lines before the request");
    skipped_empty_line_ = true;
    started_ = false;
    section_size_ = 0;
    return true;
  }
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return fail(400, "the request line is not made of three words");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, second - first - 1);
  const std::string_view protocol = line.substr(second + 1);

  if (!http_text::is_token(method)) return fail(400, "the method is not a token");
  if (!is_target(target)) return fail(400, "the request target has characters that do not belong there");
  if (protocol.size() != 8 || !protocol.starts_with("HTTP/") || !is_digit(protocol[5]) || protocol[6] != '.' ||
      !is_digit(protocol[7])) {
    return fail(400, "the protocol version cannot be read");
  }
  if (protocol[5] != '1' || protocol[7] > '1') return fail(505, "the protocol version is not supported");
  version_ = protocol[7] == '1' ? 11 : 10;

  if (target.front() != '/' && !(target == "*" && method == "OPTIONS")) {
    authority_ = authority_of(target);
    if (authority_.empty() || !is_authority(authority_)) return fail(400, "the request target has no path");
  }
  if (!request_.set_line(method, target, version_)) return fail(400, "the path cannot be decoded");
  state_ = state::fields;
  return true;
}

bool request_reader::read_field(std::string_view line) {
  std::size_t colon = 0;
  while (colon < line.size() && http_text::is_token_char(line[colon])) ++colon;
  if (colon == 0) return fail(400, "a header has no name or is folded");
  if (colon == line.size() || line[colon] != ':') return fail(400, "a header's name is not a token before a colon");
  if (++headers_ > limits_.max_headers) return fail(431, "there are too many headers");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!http_text::is_field_text(value)) return fail(400, "a header's value has control characters");
  if (!note_field(name, value)) return false;
  request_.add_header(name, value);
  return true;
}

// Takes note of the few headers that shape the connection. The length is compared first: most are none of them.
bool request_reader::note_field(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      if (equals_ignoring_case(name, "host")) return note_host(value);
      break;
    case 6:
      if (equals_ignoring_case(name, "expect") && version_ == 11) {
        if (!equals_ignoring_case(value, "100-continue")) return fail(417, "an unknown expectation");
        expects_continue_ = true;
      }
      break;
    case 7:
      if (equals_ignoring_case(name, "upgrade") && !value.empty()) names_upgrade_ = true;
      break;
    case 10:
      if (equals_ignoring_case(name, "connection")) {
        says_close_ = says_close_ || list_has(value, "close");
        says_keep_alive_ = says_keep_alive_ || list_has(value, "keep-alive");
        says_upgrade_ = says_upgrade_ || list_has(value, "upgrade");
      }
      break;
    case 14:
      if (equals_ignoring_case(name, "content-length")) return note_content_length(value);
      break;
    case 17:
      if (equals_ignoring_case(name, "transfer-encoding")) return note_transfer_encoding(value);
      break;
    default: break;
  }
  return true;
}

bool request_reader::note_host(std::string_view value) {
  if (has_host_) return fail(400, "more than one Host header");
  has_host_ = true;
  if (!is_authority(value)) return fail(400, "the Host header is not a host");
  if (!authority_.empty() && !equals_ignoring_case(authority_, value)) {
    return fail(400, "the Host header and the request target name two hosts");
  }
  return true;
}

bool request_reader::note_content_length(std::string_view value) {
  if (has_length_) return fail(400, "more than one Content-Length header");
  has_length_ = true;
  if (chunked_) return fail(400, "both Content-Length and Transfer-Encoding");
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) {
    return fail(400, "the Content-Length is not a number");
  }
  if (value.size() > 19) return fail(400, "the Content-Length is beyond any size");
  for (const char digit : value) left_ = left_ * 10 + static_cast<std::uint64_t>(digit - '0');
  return true;
}

bool request_reader::note_transfer_encoding(std::string_view value) {
  if (has_length_) return fail(400, "both Content-Length and Transfer-Encoding");
  if (version_ == 10) return fail(400, "Transfer-Encoding in HTTP/1.0");
  if (chunked_) return fail(400, "more than one Transfer-Encoding header");
  if (value.empty()) return fail(400, "an empty Transfer-Encoding header");
  if (!equals_ignoring_case(value, "chunked")) return fail(501, "a transfer coding other than chunked");
  chunked_ = true;
  return true;
}

bool request_reader::finish_head() {
  if (!has_host_ && version_ == 11) return fail(400, "no Host header");
  if (left_ > limits_.max_body) return fail(413, "the body is too large");
  state_ = chunked_ ? state::chunk_line : left_ > 0 ? state::sized_body : state::complete;
  section_size_ = 0;
  return true;
}

bool request_reader::read_chunk_size(std::string_view line) {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  for (; digits < line.size(); ++digits) {
    const char c = line[digits];
    const char small = static_cast<char>(c | 0x20);
    const bool letter = small >= 'a' && small <= 'f';
    if (!is_digit(c) && !letter) break;
    if (digits == 16) return fail(400, "a chunk size is beyond any size");
    size = size * 16 + static_cast<std::uint64_t>(letter ? small - 'a' + 10 : c - '0');
  }
  if (digits == 0) return fail(400, "a chunk size is not a number");
  const std::string_view extension = line.substr(digits);  // read over, within max_chunk_line
  if (!extension.empty() && (extension.front() != ';' || !http_text::is_field_text(extension))) {
    return fail(400, "a chunk size is followed by something else");
  }
  if (size > limits_.max_body - body_size_) return fail(413, "the body is too large");
  left_ = size;
  section_size_ = 0;
  state_ = size > 0 ? state::chunk_body : state::trailers;
  return true;
}

// Trailers obey the rules of headers and are dropped: nobody has looked at the request with them in mind.
bool request_reader::read_trailer(std::string_view line) {
  if (line.empty()) {
    state_ = state::complete;
    return true;
  }
  std::size_t colon = 0;
  while (colon < line.size() && http_text::is_token_char(line[colon])) ++colon;
  if (colon == 0 || colon == line.size() || line[colon] != ':') return fail(400, "a trailer is no header");
  if (!http_text::is_field_text(line.substr(colon + 1))) return fail(400, "a trailer's value has control characters");
  for (const std::string_view framing : {"content-length", "transfer-encoding", "host"}) {
    if (equals_ignoring_case(line.substr(0, colon), framing)) return fail(400, "a trailer that frames the message");
  }
  return true;
}

void request_reader::read_body(const char*& at, const char* end) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, static_cast<std::uint64_t>(end - at)));
  request_.append_body({at, size});
  at += size;
  left_ -= size;
  body_size_ += size;
  if (left_ == 0) state_ = chunked_ ? state::chunk_end : state::complete;
}

}  // namespace hubbub::inline v0
