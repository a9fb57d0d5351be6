// A frame: immutable bytes of one hub message with its WebSocket header in front, shared by all its receivers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "hubbub/core/bytes.hpp"
#include "hubbub/protocol/hub_protocol.hpp"

namespace hubbub::inline v0 {

/// Counted, immutable, any thread. One hub message is one frame and never split (decision 10).
class frame {
 public:
  /// Copies `payload` into a new frame with one reference. The header is that of a whole WebSocket message.
  [[nodiscard]] static frame* make(transfer_format format, bytes_view payload);
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  /// Header and payload: what a WebSocket sends.
  [[nodiscard]] bytes_view framed() const noexcept { return {bytes() - header_size_, header_size_ + payload_size_}; }
  /// The payload alone: what the other transports send.
  [[nodiscard]] bytes_view payload() const noexcept { return {bytes(), payload_size_}; }

  /// Adds `count` references. Any thread.
  void acquire(std::uint32_t count = 1) noexcept { references_.fetch_add(count, std::memory_order_relaxed); }
  /// Gives `count` references back. Any thread.
  void release(std::uint32_t count = 1) noexcept {
    if (references_.fetch_sub(count, std::memory_order_acq_rel) == count) destroy();
  }

 private:
  static constexpr std::size_t header_room = 10;
  frame(std::uint32_t payload_size, std::uint32_t header_size) noexcept
      : payload_size_(payload_size), header_size_(header_size) {}
  ~frame() = default;
  [[nodiscard]] const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1) + header_room; }
  void destroy() noexcept;

  std::atomic<std::uint32_t> references_{1};
  std::uint32_t payload_size_;
  std::uint32_t header_size_;
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
