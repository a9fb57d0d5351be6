// A frame: immutable bytes of one hub message with its WebSocket header in front, shared by all its receivers. Event
// streams share a second one, which is made when the first of them needs it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "hubbub/core/bytes.hpp"
#include "hubbub/protocol/hub_protocol.hpp"

namespace hubbub::inline v0 {

/// How a transport wants the messages of a connection.
enum class rendering : std::uint8_t {
  payload,      ///< as they are: long polling
  websocket,    ///< each in a WebSocket frame
  event,        ///< each as an event of an event stream
  event_chunk,  ///< ... which is a chunk of an HTTP/1.1 body as well
};

/// Counted, immutable, any thread. One hub message is one frame and never split (decision 10).
class frame {
 public:
  /// Copies `payload` into a new frame with one reference. The header is that of a whole WebSocket message.
  [[nodiscard]] static frame* make(transfer_format format, bytes_view payload);
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  /// Header and payload: what a WebSocket sends. Of an event: the chunk.
  [[nodiscard]] bytes_view framed() const noexcept {
    return {bytes() - header_size_, std::size_t{header_size_} + payload_size_ + tail_size_};
  }
  /// The payload alone: what the other transports send.
  [[nodiscard]] bytes_view payload() const noexcept { return {bytes(), payload_size_}; }

  /// The same message as an event (transports.md 7): its payload is the event, framed it is a chunk. Made once, lives
  /// as long as this frame or its own references. Any thread. Throws bad_alloc.
  [[nodiscard]] frame& event() {
    frame* made = event_.load(std::memory_order_acquire);
    return made != nullptr ? *made : make_event();
  }

  /// Adds `count` references. Any thread.
  void acquire(std::uint32_t count = 1) noexcept { references_.fetch_add(count, std::memory_order_relaxed); }
  /// Gives `count` references back. Any thread.
  void release(std::uint32_t count = 1) noexcept {
    if (references_.fetch_sub(count, std::memory_order_acq_rel) == count) destroy();
  }

 private:
  static constexpr std::size_t header_room = 10;
  frame(std::uint32_t payload_size, std::size_t header_size, std::size_t tail_size) noexcept
      : payload_size_(payload_size),
        header_size_(static_cast<std::uint8_t>(header_size)),
        tail_size_(static_cast<std::uint8_t>(tail_size)) {}
  ~frame() = default;
  [[nodiscard]] static frame* allocate(std::size_t payload_size, std::size_t header_size, std::size_t tail_size);
  [[nodiscard]] char* room() noexcept { return reinterpret_cast<char*>(this + 1) + header_room; }
  frame& make_event();
  [[nodiscard]] const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1) + header_room; }
  void destroy() noexcept;

  std::atomic<std::uint32_t> references_{1};
  std::uint32_t payload_size_;
  std::atomic<frame*> event_{nullptr};
  std::uint8_t header_size_;
  std::uint8_t tail_size_;
};

/// Owns one reference of a frame. A handle; any thread.
class frame_ref {
 public:
  frame_ref() noexcept = default;
  /// Takes over one reference.
  explicit frame_ref(frame* owned) noexcept : frame_(owned) {}
  frame_ref(const frame_ref& other) noexcept : frame_(other.frame_) {
    if (frame_ != nullptr) frame_->acquire();
  }
  frame_ref(frame_ref&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  frame_ref& operator=(frame_ref other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~frame_ref() {
    if (frame_ != nullptr) frame_->release();
  }
  [[nodiscard]] frame* get() const noexcept { return frame_; }
  frame* operator->() const noexcept { return frame_; }
  explicit operator bool() const noexcept { return frame_ != nullptr; }

 private:
  frame* frame_ = nullptr;
};

}  // namespace hubbub::inline v0
