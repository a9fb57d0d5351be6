// Turns a response into bytes: status line, framing headers, the application's headers, body.
#pragma once

#include <cstdint>
#include <ctime>
#include <string_view>

#include "hubbub/core/wire_buffer.hpp"
#include "hubbub/http.hpp"

namespace hubbub::inline v0 {

/// The `Date` header's text, made once a second. One shard.
class http_date {
 public:
  /// `Sun, 06 Nov 1994 08:49:37 GMT` for a time in seconds since 1970; valid until the next call.
  std::string_view at(std::time_t now) noexcept;

 private:
  std::time_t made_for_ = -1;
  unsigned char size_ = 0;
  char text_[40] = {};
};

/// How an answer is sent.
struct response_style {
  bool keep_alive = true;      ///< false adds `Connection: close`
  bool head_only = false;      ///< the request was HEAD: length without body
  int version = 11;            ///< the request's; 1.0 hears `Connection: keep-alive` when it may stay
  std::string_view date = {};  ///< left out when empty
};

/// Appends `answer` to `out`. Headers whose name or value could forge further lines (CR, LF, NUL, a name that is no
/// token) and those that frame the message (`Content-Length`, `Transfer-Encoding`, `Connection`, `Date`) are left
/// out; returns how many were, for the log.
std::size_t write_response(wire_buffer& out, const response& answer, const response_style& style);

/// Appends the head of an event stream and its first comment (transports.md 7): chunked for HTTP/1.1, otherwise up to
/// the end of the connection. `with` brings further headers.
void write_event_stream_head(wire_buffer& out, const response& with, bool chunked, std::string_view date);

/// `HTTP/1.1 100 Continue` with its empty line.
[[nodiscard]] std::string_view continue_line() noexcept;

/// The reason phrase of a status; "Unknown" for one nobody registered.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

/// True for a header name and value that can stand in a message head.
[[nodiscard]] bool is_safe_header(std::string_view name, std::string_view value) noexcept;

}  // namespace hubbub::inline v0
