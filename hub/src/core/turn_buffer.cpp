// Blocks for the small messages of a turn, and their pool.
#include "hubbub/core/turn_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace hubbub::inline v0 {

turn_buffer::~turn_buffer() {
  if (current_ != nullptr) release(current_);
  for (turn_block* block : pool_) std::free(block);
}

turn_block* turn_buffer::take_block(std::size_t size) {
  if (size <= block_size && !pool_.empty()) {
    turn_block* block = pool_.back();
    pool_.pop_back();
    block->references = 1;
    block->used = 0;
    return block;
  }
  return new_block(std::max<std::size_t>(size, block_size));
}

turn_block* turn_buffer::new_block(std::size_t room) {
  auto* block = static_cast<turn_block*>(std::malloc(sizeof(turn_block) + room));
  if (block == nullptr) throw std::bad_alloc();
  block->references = 1;  // the buffer's own, while it is the current one
  block->capacity = static_cast<std::uint32_t>(room);
  block->used = 0;
  return block;
}

turn_buffer::slice turn_buffer::store(std::string_view head, std::string_view body, std::string_view tail) {
  const std::size_t size = head.size() + body.size() + tail.size();
  if (current_ != nullptr && current_->references == 1) current_->used = 0;  // nobody reads what it held
  if (current_ == nullptr || current_->capacity - current_->used < size) {
    turn_block* next = take_block(size);
    if (current_ != nullptr) release(current_);
    current_ = next;
  }
  const std::uint32_t at = current_->used;
  char* to = current_->bytes() + at;
  // memcpy wants an address even for nothing, and empty views may have none.
  if (!head.empty()) std::memcpy(to, head.data(), head.size());
  if (!body.empty()) std::memcpy(to + head.size(), body.data(), body.size());
  if (!tail.empty()) std::memcpy(to + head.size() + body.size(), tail.data(), tail.size());
  current_->used += static_cast<std::uint32_t>(size);
  ++current_->references;
  return {current_, at, static_cast<std::uint32_t>(size)};
}

turn_buffer::slice turn_buffer::store_apart(std::string_view bytes) {
  turn_block* block = new_block(bytes.size());
  if (!bytes.empty()) std::memcpy(block->bytes(), bytes.data(), bytes.size());
  block->used = block->capacity;
  return {block, 0, block->used};
}

void turn_buffer::release(turn_block* block) noexcept {
  if (--block->references != 0) return;
  if (block->capacity != block_size || pool_.size() >= pooled_blocks) return std::free(block);
  try {
    pool_.push_back(block);
  } catch (...) {
    std::free(block);
  }
}

}  // namespace hubbub::inline v0
