// Making and destroying frames: header room, header and payload in one allocation.
#include "hubbub/connection/frame.hpp"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>

#include "hubbub/connection/frame_header.hpp"

namespace hubbub::inline v0 {

frame* frame::make(transfer_format format, bytes_view payload) {
  if (payload.size() > std::numeric_limits<std::int32_t>::max()) {
    throw std::length_error("a hub message is larger than 2 GiB");  // hub-protocol.md 1: nobody could read it
  }
  void* room = std::malloc(sizeof(frame) + header_room + payload.size());
  if (room == nullptr) throw std::bad_alloc();
  const std::size_t header = frame_header_size(payload.size());
  auto* made = ::new (room) frame(static_cast<std::uint32_t>(payload.size()), static_cast<std::uint32_t>(header));
  char* room_for_payload = reinterpret_cast<char*>(made + 1) + header_room;
  write_frame_header(room_for_payload - header,
                     format == transfer_format::text ? frame_opcode::text : frame_opcode::binary, payload.size());
  if (!payload.empty()) std::memcpy(room_for_payload, payload.data(), payload.size());
  return made;
}

void frame::destroy() noexcept {
  this->~frame();
  std::free(this);
}

}  // namespace hubbub::inline v0
