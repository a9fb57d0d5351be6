// Room for the small messages of a turn: written one behind the other, sent as slices, never allocated singly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "hubbub/core/wire_buffer.hpp"

namespace hubbub::inline v0 {

/// A block of a turn buffer; alive while slices of it wait in outboxes. Counted, one shard.
struct turn_block {
  std::uint32_t references;
  std::uint32_t capacity;
  std::uint32_t used;
  [[nodiscard]] char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
};

/// Where shards write single-recipient messages (decision 10). One shard.
class turn_buffer {
 public:
  turn_buffer() = default;
  turn_buffer(const turn_buffer&) = delete;
  turn_buffer& operator=(const turn_buffer&) = delete;
  ~turn_buffer();

  /// A slice: `size` bytes at `at` of `block`. The holder owns one reference of the block.
  struct slice {
    turn_block* block;
    std::uint32_t at;
    std::uint32_t size;
  };
  /// Stores `head`, `body` and `tail` one behind the other and returns the slice, with one reference for the caller.
  [[nodiscard]] slice store(std::string_view head, std::string_view body, std::string_view tail = {});
  /// Stores `bytes` in a block of their own, for what must wait long. One reference for the caller.
  [[nodiscard]] slice store_apart(std::string_view bytes);
  /// Gives a reference back; the last one returns the block to the pool.
  void release(turn_block* block) noexcept;

  /// A scratch buffer for encoding: empty when handed out, one user at a time.
  [[nodiscard]] wire_buffer& scratch() noexcept {
    scratch_.clear();
    return scratch_;
  }
  /// Gives back what unusually large messages took. Called once per turn.
  void trim() noexcept {
    if (scratch_.capacity() > 256 * 1024) scratch_.release();
  }

 private:
  static constexpr std::uint32_t block_size = 64 * 1024;
  static constexpr std::size_t pooled_blocks = 16;
  [[nodiscard]] turn_block* take_block(std::size_t size);
  [[nodiscard]] static turn_block* new_block(std::size_t room);

  turn_block* current_ = nullptr;
  std::vector<turn_block*> pool_;
  wire_buffer scratch_;
};

}  // namespace hubbub::inline v0
