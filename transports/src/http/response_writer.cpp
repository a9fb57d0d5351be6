// Writes responses. Nothing an application puts into a header can start another header or another answer.
#include "http/response_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "http/http_text.hpp"
#include "hubbub/connection/request.hpp"

namespace hubbub::inline v0 {

namespace {

bool frames_the_message(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 4> ours{"content-length", "transfer-encoding", "connection", "date"};
  return std::any_of(ours.begin(), ours.end(), [&](std::string_view one) { return equals_ignoring_case(one, name); });
}

void put_number(wire_buffer& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out.put({digits, static_cast<std::size_t>(end - digits)});
}

void put_header(wire_buffer& out, std::string_view name, std::string_view value) {
  out.put(name);
  out.put(": ");
  out.put(value);
  out.put("\r\n");
}

}  // namespace

std::string_view http_date::at(std::time_t now) noexcept {
  if (now != made_for_) {
    constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    const int size =
        std::snprintf(text_, sizeof(text_), "%s, %02d %s %d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
                      months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    size_ = static_cast<unsigned char>(std::clamp(size, 0, static_cast<int>(sizeof(text_)) - 1));
    made_for_ = now;
  }
  return {text_, size_};
}

std::size_t write_response(wire_buffer& out, const response& answer, const response_style& style) {
  std::size_t left_out = 0;
  out.put("HTTP/1.1 ");
  put_number(out, static_cast<std::uint64_t>(std::clamp(answer.status, 100, 999)));
  out.put(" ");
  out.put(reason_phrase(answer.status));
  out.put("\r\n");

  const bool has_no_content = answer.status == 204 || answer.status == 304 || answer.status < 200;
  if (!answer.content_type.empty() && !has_no_content) {
    if (is_safe_header("Content-Type", answer.content_type)) {
      put_header(out, "Content-Type", answer.content_type);
    } else {
      ++left_out;
    }
  }
  if (!has_no_content) {
    out.put("Content-Length: ");
    put_number(out, answer.body.size());
    out.put("\r\n");
  }
  if (!style.date.empty()) put_header(out, "Date", style.date);
  if (!style.keep_alive) {
    put_header(out, "Connection", "close");
  } else if (style.version == 10) {
    put_header(out, "Connection", "keep-alive");
  }
  for (const auto& [name, value] : answer.headers) {
    if (is_safe_header(name, value) && !frames_the_message(name)) {
      put_header(out, name, value);
    } else {
      ++left_out;
    }
  }
  out.put("\r\n");
  if (!has_no_content && !style.head_only) out.put(answer.body);
  return left_out;
}

void write_event_stream_head(wire_buffer& out, const response& with, bool chunked, std::string_view date) {
  out.put("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n");
  put_header(out, "Date", date);
  out.put("Cache-Control: no-cache,no-store\r\nPragma: no-cache\r\nContent-Encoding: identity\r\n");
  put_header(out, "X-Accel-Buffering", "no");  // nginx passes events on at once
  put_header(out, "Connection", "close");      // the stream's end is the connection's
  if (chunked) put_header(out, "Transfer-Encoding", "chunked");
  for (const auto& [name, value] : with.headers) {
    if (is_safe_header(name, value) && !frames_the_message(name)) put_header(out, name, value);
  }
  out.put(chunked ? "\r\n3\r\n:\r\n\r\n" : "\r\n:\r\n");
}

std::string_view continue_line() noexcept { return "HTTP/1.1 100 Continue\r\n\r\n"; }

bool is_safe_header(std::string_view name, std::string_view value) noexcept {
  return http_text::is_token(name) && http_text::is_field_text(value);
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

}  // namespace hubbub::inline v0
