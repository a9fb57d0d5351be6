// Reads HTTP/1.x requests from memory: strict about framing, so that one byte stream is never two stories.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "hubbub/connection/request.hpp"

namespace hubbub::inline v0 {

/// What a request may cost before it is refused.
struct http_limits {
  std::size_t max_head = 32 * 1024;     ///< request line and headers in bytes; beyond: 431 (414 within the line)
  std::size_t max_headers = 128;        ///< number of header lines; beyond: 431
  std::size_t max_body = 1024 * 1024;   ///< body in bytes; beyond: 413
  std::size_t max_chunk_line = 256;     ///< chunk size with its extensions, in bytes; beyond: 400
  std::size_t max_trailers = 4 * 1024;  ///< trailer section in bytes, read and dropped; beyond: 431
};

/// A passive reader of one request after another. Owned by one shard, pooled: it is needed only while a request is
/// being received. Keeps its room between requests.
class request_reader {
 public:
  enum class outcome : std::uint8_t {
    need_more,        ///< everything fed was taken, the request is not whole yet
    expect_continue,  ///< the head is whole, the client waits for `100 Continue` before it sends the body
    complete,         ///< the request is whole; what follows belongs to the next one
    failed,           ///< answer with `status()` and close: nothing behind this can be trusted
  };

  /// Reads with these limits, which are copied.
  explicit request_reader(const http_limits& limits = {}) noexcept : limits_(limits) {}

  /// Takes bytes; `used` tells how many belong to this request (all of them unless `complete` or `failed`). After
  /// `complete` and `failed` it takes nothing until `reset`. Throws nothing but bad_alloc.
  outcome feed(const char* data, std::size_t size, std::size_t& used);

  /// Starts over for the next request; keeps its room unless that grew beyond `keep_room` bytes.
  void reset(std::size_t keep_room = 64 * 1024) noexcept;

  /// True once a byte of a request has come: from here on the slow-request clock runs.
  [[nodiscard]] bool started() const noexcept { return started_; }
  /// True once the head is whole (`request()` has line and headers).
  [[nodiscard]] bool has_head() const noexcept { return state_ > state::fields && state_ != state::failed; }

  /// The request, valid after `complete`, until `reset`. The peer's address is for the caller to set.
  [[nodiscard]] hubbub::request& request() noexcept { return request_; }
  /// True when the connection can carry another request afterwards (RFC 9112, 9.3).
  [[nodiscard]] bool keep_alive() const noexcept {
    return state_ == state::complete && !says_close_ && (version_ == 11 || says_keep_alive_);
  }
  /// True when `Connection: upgrade` and an `Upgrade` header are there (HTTP/1.1 only).
  [[nodiscard]] bool upgrade() const noexcept { return version_ == 11 && says_upgrade_ && names_upgrade_; }

  /// After `failed`: the status to answer with, 400 to 505.
  [[nodiscard]] int status() const noexcept { return status_; }
  /// After `failed`: why, for the log and the answer's body; a literal.
  [[nodiscard]] std::string_view reason() const noexcept { return reason_; }

 private:
  enum class state : std::uint8_t {
    line,        // request line
    fields,      // header lines up to the empty one
    sized_body,  // left_ bytes of body
    chunk_line,  // size of the next chunk
    chunk_body,  // left_ bytes of chunk
    chunk_end,   // the line end after a chunk
    trailers,    // lines after the last chunk
    complete,
    failed,
  };

  bool fail(int status, std::string_view reason) noexcept;
  bool read_lines(const char*& at, const char* end);
  bool read_line(std::string_view line);
  bool allow_line(std::size_t size) noexcept;
  bool read_request_line(std::string_view line);
  bool read_field(std::string_view line);
  bool note_field(std::string_view name, std::string_view value);
  bool note_host(std::string_view value);
  bool note_content_length(std::string_view value);
  bool note_transfer_encoding(std::string_view value);
  bool finish_head();
  bool read_chunk_size(std::string_view line);
  bool read_trailer(std::string_view line);
  void read_body(const char*& at, const char* end);

  http_limits limits_;
  hubbub::request request_;
  std::string partial_;           // a line that came in pieces
  std::uint64_t left_ = 0;        // bytes of the body or chunk still to come
  std::uint64_t body_size_ = 0;   // bytes of the body so far
  std::size_t section_size_ = 0;  // bytes of head or trailers so far
  std::size_t headers_ = 0;
  std::string_view reason_;
  std::string authority_;  // of an absolute target: `Host` has to agree
  int status_ = 0;
  int version_ = 0;
  state state_ = state::line;
  bool started_ = false;
  bool skipped_empty_line_ = false;
  bool has_host_ = false;
  bool has_length_ = false;
  bool chunked_ = false;
  bool expects_continue_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool says_upgrade_ = false;
  bool names_upgrade_ = false;
};

}  // namespace hubbub::inline v0
