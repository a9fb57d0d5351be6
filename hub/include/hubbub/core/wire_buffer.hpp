// A growing byte buffer that codecs append to: no zeroing, room asked for once per piece.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

namespace hubbub::inline v0 {

/// Append-only bytes. A resource of one thread; pointers into it die with the next growth.
class wire_buffer {
 public:
  wire_buffer() = default;
  wire_buffer(const wire_buffer&) = delete;
  wire_buffer& operator=(const wire_buffer&) = delete;
  ~wire_buffer() { std::free(begin_); }

  /// Bytes written so far.
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
  /// First byte; null when nothing was ever written.
  [[nodiscard]] char* data() noexcept { return begin_; }
  /// The bytes written so far; dies with the next growth.
  [[nodiscard]] std::string_view view() const noexcept { return {begin_, size()}; }
  /// Forgets the bytes and keeps the room.
  void clear() noexcept { end_ = begin_; }
  /// Cuts back to `size` bytes, which must not be more than there are.
  void truncate(std::size_t size) noexcept { end_ = begin_ + size; }

  /// Room for at least `count` more bytes; returns where they go. Follow with `wrote`. Throws bad_alloc.
  char* room(std::size_t count) {
    if (static_cast<std::size_t>(limit_ - end_) < count) grow(count);
    return end_;
  }
  /// Takes `count` bytes of the room as written.
  void wrote(std::size_t count) noexcept { end_ += count; }

  /// Appends one byte. Throws bad_alloc.
  void put(char byte) {
    *room(1) = byte;
    ++end_;
  }
  /// Appends `piece`. Throws bad_alloc.
  void put(std::string_view piece) {
    if (piece.empty()) return;
    std::memcpy(room(piece.size()), piece.data(), piece.size());
    end_ += piece.size();
  }
  /// Room owned, in bytes: for callers that give back what one huge message took.
  [[nodiscard]] std::size_t capacity() const noexcept { return static_cast<std::size_t>(limit_ - begin_); }
  /// Gives all room back.
  void release() noexcept {
    std::free(begin_);
    begin_ = end_ = limit_ = nullptr;
  }

 private:
  void grow(std::size_t count) {
    const std::size_t used = size();
    std::size_t wanted = capacity() < 512 ? 1024 : capacity() * 2;
    while (wanted < used + count) wanted *= 2;
    char* moved = static_cast<char*>(std::realloc(begin_, wanted));
    if (moved == nullptr) throw std::bad_alloc();
    begin_ = moved;
    end_ = moved + used;
    limit_ = moved + wanted;
  }

  char* begin_ = nullptr;
  char* end_ = nullptr;
  char* limit_ = nullptr;
};

}  // namespace hubbub::inline v0
