// Making and destroying frames: header room, header and payload in one allocation.
#include "hubbub/connection/frame.hpp"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>

#include "hubbub/connection/event_stream.hpp"
#include "hubbub/connection/frame_header.hpp"

namespace hubbub::inline v0 {

frame* frame::allocate(std::size_t payload_size, std::size_t header_size, std::size_t tail_size) {
  if (payload_size > std::numeric_limits<std::int32_t>::max()) {
    throw std::length_error("a hub message is larger than 2 GiB");  // hub-protocol.md 1: nobody could read it
  }
  void* memory = std::malloc(sizeof(frame) + header_room + payload_size + tail_size);
  if (memory == nullptr) throw std::bad_alloc();
  return ::new (memory) frame(static_cast<std::uint32_t>(payload_size), header_size, tail_size);
}

frame* frame::make(transfer_format format, bytes_view payload) {
  const std::size_t header = frame_header_size(payload.size());
  frame* made = allocate(payload.size(), header, 0);
  write_frame_header(made->room() - header, format == transfer_format::text ? frame_opcode::text : frame_opcode::binary,
                     payload.size());
  if (!payload.empty()) std::memcpy(made->room(), payload.data(), payload.size());
  return made;
}

// Receivers on several shards may ask at the same time: one of them wins, the others throw theirs away.
frame& frame::make_event() {
  std::size_t size = 0;
  each_piece_of_event(payload(), [&size](bytes_view piece) { size += piece.size(); });
  char head[max_chunk_head];
  const std::size_t head_size = write_chunk_head(head, size);
  frame* made = allocate(size, head_size, event_line_end.size());
  std::memcpy(made->room() - head_size, head, head_size);
  char* at = made->room();
  const auto put = [&at](bytes_view piece) {
    if (!piece.empty()) std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  };
  each_piece_of_event(payload(), put);
  put(event_line_end);
  frame* other = nullptr;
  if (event_.compare_exchange_strong(other, made, std::memory_order_acq_rel)) return *made;
  made->release();
  return *other;
}

void frame::destroy() noexcept {
  if (frame* shown = event_.load(std::memory_order_relaxed)) shown->release();
  this->~frame();
  std::free(this);
}

}  // namespace hubbub::inline v0
