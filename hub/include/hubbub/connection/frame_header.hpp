// The header of an unmasked, unfragmented WebSocket frame (RFC 6455, 5.2), as a server sends it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hubbub::inline v0 {

/// WebSocket opcodes.
enum class frame_opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// No header of ours is longer.
inline constexpr std::size_t max_frame_header = 10;

/// Bytes the header of a frame with `payload` bytes takes: 2, 4 or 10.
[[nodiscard]] constexpr std::size_t frame_header_size(std::uint64_t payload) noexcept {
  return payload < 126 ? 2 : payload <= 0xffff ? 4 : 10;
}

/// Writes the header of a whole message to `room` (at least `frame_header_size(payload)` bytes); returns its size.
constexpr std::size_t write_frame_header(char* room, frame_opcode opcode, std::uint64_t payload) noexcept {
  const auto put = [room](std::size_t at, std::uint64_t value) { room[at] = static_cast<char>(value & 0xff); };
  put(0, 0x80u | static_cast<std::uint64_t>(opcode));
  if (payload < 126) {
    put(1, payload);
    return 2;
  }
  if (payload <= 0xffff) {
    put(1, 126);
    put(2, payload >> 8);
    put(3, payload);
    return 4;
  }
  put(1, 127);
  for (std::size_t i = 0; i < 8; ++i) put(2 + i, payload >> (56 - 8 * i));
  return 10;
}

}  // namespace hubbub::inline v0
