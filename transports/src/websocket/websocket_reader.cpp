// Frames of a client, read as they come. What a client must never send ends the connection at once, with the code
// RFC 6455 gives for it.
#include "websocket/websocket_reader.hpp"

#include <algorithm>
#include <cstring>

#include "hubbub/connection/frame_header.hpp"
#include "websocket/utf8_check.hpp"
#include "websocket/websocket_mask.hpp"

namespace hubbub::inline v0 {

namespace {

constexpr std::size_t longest_header = 14;
constexpr std::size_t longest_control = 125;
constexpr std::size_t shortest_header = 6;  // with a mask, which every frame must have

constexpr bool is_control(std::uint8_t opcode) noexcept { return (opcode & 8) != 0; }

constexpr std::uint8_t number_of(frame_opcode opcode) noexcept { return static_cast<std::uint8_t>(opcode); }

// Size of a header whose first two bytes are known.
std::size_t header_size(unsigned char second) noexcept {
  const unsigned length = second & 0x7fu;
  return shortest_header + (length == 126 ? 2u : length == 127 ? 8u : 0u);
}

std::uint64_t big_endian(const unsigned char* at, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | at[i];
  return value;
}

// RFC 6455, 7.4: what a peer may put into a close frame.
bool is_sendable(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

struct websocket_reader::partial {
  std::uint8_t size = 0;
  char bytes[longest_control];  // a header needs less
};

void websocket_reader::partial_deleter::operator()(partial* doomed) const noexcept { delete doomed; }

bool websocket_reader::idle() const noexcept {
  return !open_ && ((state_ == state::header && partial_ == nullptr) || state_ == state::control_given);
}

bool websocket_reader::next(char*& at, char* end, websocket_event& event) {
  for (;;) {
    switch (state_) {
      case state::header:
        if (!read_header(at, end)) return false;
        break;
      case state::payload: return read_payload(at, end, event);
      case state::control: return read_control(at, end, event);
      case state::control_given:
        partial_.reset();
        state_ = state::header;
        break;
      default: at = end; return false;  // closed or failed: what follows is not ours to read
    }
  }
}

bool websocket_reader::fail(std::uint16_t code) noexcept {
  state_ = state::failed;
  fail_code_ = code;
  partial_.reset();
  return false;
}

// False when bytes are missing or the frame is refused.
bool websocket_reader::read_header(char*& at, char* end) {
  const auto there = static_cast<std::size_t>(end - at);
  if (partial_ == nullptr && there >= shortest_header) {
    const auto* header = reinterpret_cast<const unsigned char*>(at);
    const std::size_t size = header_size(header[1]);
    if (there >= size) {
      at += size;
      return take_header(header);
    }
  }
  if (there == 0) return false;
  if (partial_ == nullptr) partial_.reset(new partial);
  // Judged as early as it can be: the first two bytes alone may be refused already.
  while (at != end) {
    partial_->bytes[partial_->size++] = *at++;
    const auto* header = reinterpret_cast<const unsigned char*>(partial_->bytes);
    if (partial_->size == 2 && !allow_start(header)) return false;
    if (partial_->size < shortest_header || partial_->size < header_size(header[1])) continue;
    unsigned char whole[longest_header];
    std::memcpy(whole, partial_->bytes, partial_->size);
    partial_.reset();
    return take_header(whole);
  }
  return false;
}

// Judges the first two bytes.
bool websocket_reader::allow_start(const unsigned char* header) noexcept {
  const auto opcode = static_cast<std::uint8_t>(header[0] & 0x0f);
  const bool final = (header[0] & 0x80) != 0;
  const bool reserved_bits = (header[0] & 0x70) != 0;
  const bool masked = (header[1] & 0x80) != 0;
  if (reserved_bits || !masked) return fail(websocket_close::protocol_error);
  switch (static_cast<frame_opcode>(opcode)) {
    case frame_opcode::continuation: return open_ || fail(websocket_close::protocol_error);
    case frame_opcode::text:
    case frame_opcode::binary: return !open_ || fail(websocket_close::protocol_error);
    case frame_opcode::close:
    case frame_opcode::ping:
    case frame_opcode::pong:
      return (final && (header[1] & 0x7fu) <= longest_control) || fail(websocket_close::protocol_error);
    default: return fail(websocket_close::protocol_error);
  }
}

bool websocket_reader::take_header(const unsigned char* header) noexcept {
  if (!allow_start(header)) return false;
  const unsigned length = header[1] & 0x7fu;
  left_ = length;
  const unsigned char* mask = header + 2;
  if (length == 126) {
    left_ = big_endian(header + 2, 2);
    mask += 2;
    if (left_ < 126) return fail(websocket_close::protocol_error);
  } else if (length == 127) {
    left_ = big_endian(header + 2, 8);
    mask += 8;
    if (left_ <= 0xffff || left_ >> 63 != 0) return fail(websocket_close::protocol_error);
  }
  std::memcpy(&mask_, mask, sizeof(mask_));
  opcode_ = static_cast<std::uint8_t>(header[0] & 0x0f);
  if (is_control(opcode_)) {
    state_ = state::control;
    return true;
  }
  final_ = (header[0] & 0x80) != 0;
  if (opcode_ != number_of(frame_opcode::continuation)) {
    text_ = opcode_ == number_of(frame_opcode::text);
    first_ = open_ = true;
    utf8_ = utf8_start;
    message_size_ = 0;
  }
  if (max_message_ != 0 && left_ > max_message_ - message_size_) return fail(websocket_close::too_big);
  message_size_ += left_;
  state_ = state::payload;
  return true;
}

bool websocket_reader::read_payload(char*& at, char* end, websocket_event& event) {
  if (at == end && left_ > 0) return false;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, static_cast<std::uint64_t>(end - at)));
  std::uint8_t any = 0;
  mask_ = unmask(at, size, mask_, any);
  left_ -= size;
  const bool ends = left_ == 0 && final_;
  if (text_) {
    if (utf8_ != utf8_start || (any & 0x80) != 0) utf8_ = utf8_check(utf8_, {at, size});
    if (utf8_ == utf8_invalid || (ends && utf8_ != utf8_start)) return fail(websocket_close::invalid_text);
  }
  event.what = websocket_event::kind::data;
  event.text = text_;
  event.first = first_;
  event.last = ends;
  event.code = 0;
  event.payload = {at, size};
  at += size;
  first_ = false;
  if (left_ == 0) state_ = state::header;
  if (ends) open_ = false;
  return true;
}

// Control frames are handed out whole; one that came in pieces is collected, and kept until the next call.
bool websocket_reader::read_control(char*& at, char* end, websocket_event& event) {
  const auto there = static_cast<std::size_t>(end - at);
  std::uint8_t any = 0;
  if (partial_ == nullptr && there >= left_) {
    const auto size = static_cast<std::size_t>(left_);
    unmask(at, size, mask_, any);
    at += size;
    state_ = state::header;
    return finish_control({at - size, size}, event);
  }
  if (there == 0) return false;
  if (partial_ == nullptr) partial_.reset(new partial);
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, there));
  mask_ = unmask(at, size, mask_, any);
  std::memcpy(partial_->bytes + partial_->size, at, size);
  partial_->size = static_cast<std::uint8_t>(partial_->size + size);
  at += size;
  left_ -= size;
  if (left_ > 0) return false;
  state_ = state::control_given;
  return finish_control({partial_->bytes, partial_->size}, event);
}

bool websocket_reader::finish_control(std::string_view payload, websocket_event& event) {
  event.text = event.first = event.last = false;
  event.code = 0;
  event.payload = payload;
  if (opcode_ != number_of(frame_opcode::close)) {
    event.what = opcode_ == number_of(frame_opcode::ping) ? websocket_event::kind::ping : websocket_event::kind::pong;
    return true;
  }
  event.what = websocket_event::kind::close;
  event.code = websocket_close::no_code;
  if (payload.size() == 1) return fail(websocket_close::protocol_error);
  if (payload.size() >= 2) {
    event.code = static_cast<std::uint16_t>(big_endian(reinterpret_cast<const unsigned char*>(payload.data()), 2));
    event.payload = payload.substr(2);
    if (!is_sendable(event.code)) return fail(websocket_close::protocol_error);
    if (utf8_check(utf8_start, event.payload) != utf8_start) return fail(websocket_close::invalid_text);
  }
  state_ = state::closed;
  return true;
}

}  // namespace hubbub::inline v0
