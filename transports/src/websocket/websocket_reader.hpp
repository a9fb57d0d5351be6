// The server's side of RFC 6455 reading: a passive machine over received bytes that unmasks them in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace hubbub::inline v0 {

/// What the reader found. Payloads are views into the received bytes (or, for control frames that came in pieces,
/// into the reader) and are valid until the next call of `next`.
struct websocket_event {
  enum class kind : std::uint8_t {
    data,   ///< a piece of a message, as much of it as has come
    ping,   ///< answer with a pong of the same payload
    pong,   ///< nothing to do
    close,  ///< the peer ends: `code` (1005 when it gave none) and `payload` as reason
  };
  kind what = kind::data;
  bool text = false;   ///< data: the message is text (and valid UTF-8 so far)
  bool first = false;  ///< data: the message begins with this piece
  bool last = false;   ///< data: the message ends with this piece
  std::uint16_t code = 0;
  std::string_view payload;
};

/// Why WebSocket connections end (RFC 6455, 7.4).
namespace websocket_close {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t no_code = 1005;   ///< never on the wire: the close frame was empty
inline constexpr std::uint16_t abnormal = 1006;  ///< never on the wire: there was no close frame
inline constexpr std::uint16_t invalid_text = 1007;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t internal_error = 1011;
}  // namespace websocket_close

/// Reads the frames of one client. Owned by one connection of one shard; 40 bytes while idle. Assembles nothing:
/// a piece of a message is handed out as it comes.
class websocket_reader {
 public:
  /// `max_message` bytes a message may have (0: no limit); a frame that would exceed it fails with 1009 when its
  /// header is read.
  explicit websocket_reader(std::uint32_t max_message = 0) noexcept : max_message_(max_message) {}

  /// Reads on from `at`, which moves; true with the next event, false when all bytes are used up, the connection
  /// has failed or its close frame was read. The bytes up to `end` may be changed (unmasking).
  bool next(char*& at, char* end, websocket_event& event);

  /// True when the peer broke a rule: close with `close_code()`, nothing more is read.
  [[nodiscard]] bool failed() const noexcept { return state_ == state::failed; }
  /// 1002, 1007 or 1009 after a failure, else 0.
  [[nodiscard]] std::uint16_t close_code() const noexcept { return fail_code_; }
  /// True once the peer's close frame was read.
  [[nodiscard]] bool closed() const noexcept { return state_ == state::closed; }
  /// True between messages: nothing of a frame or a message has come.
  [[nodiscard]] bool idle() const noexcept;

 private:
  enum class state : std::uint8_t { header, payload, control, control_given, closed, failed };
  struct partial;  // a header or a control payload that came in pieces
  struct partial_deleter {
    void operator()(partial* doomed) const noexcept;
  };

  bool fail(std::uint16_t code) noexcept;
  bool read_header(char*& at, char* end);
  bool allow_start(const unsigned char* header) noexcept;
  bool take_header(const unsigned char* header) noexcept;
  bool read_payload(char*& at, char* end, websocket_event& event);
  bool read_control(char*& at, char* end, websocket_event& event);
  bool finish_control(std::string_view payload, websocket_event& event);

  std::uint64_t left_ = 0;          // payload bytes of this frame still to come
  std::uint64_t message_size_ = 0;  // declared so far, over all fragments
  std::unique_ptr<partial, partial_deleter> partial_;
  std::uint32_t mask_ = 0;  // as in memory, turned so that it fits the next byte
  std::uint32_t max_message_;
  std::uint16_t fail_code_ = 0;
  state state_ = state::header;
  std::uint8_t utf8_ = 0;    // state of the text check
  std::uint8_t opcode_ = 0;  // of this frame
  bool final_ : 1 = false;   // this frame ends its message
  bool open_ : 1 = false;    // a fragmented message is under way
  bool text_ : 1 = false;    // ... and it is text
  bool first_ : 1 = false;   // no piece of this message was handed out yet
};

}  // namespace hubbub::inline v0
