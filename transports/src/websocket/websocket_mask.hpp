// Unmasking of received payloads (RFC 6455, 5.3), eight bytes a step and more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hubbub::inline v0 {

/// Removes `mask` (four bytes as they lie in memory) from `size` bytes; returns the mask turned for the byte behind
/// them. `any` gets the bits of all bytes or-ed together: without 0x80 the piece was ASCII.
inline std::uint32_t unmask(char* at, std::size_t size, std::uint32_t mask, std::uint8_t& any) noexcept {
  const std::uint64_t wide = mask | (static_cast<std::uint64_t>(mask) << 32);
  std::uint64_t seen = 0;
  const auto step = [&](char* eight) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, eight, 8);
    bytes ^= wide;
    std::memcpy(eight, &bytes, 8);
    return bytes;
  };
  for (; size >= 32; size -= 32, at += 32) seen |= step(at) | step(at + 8) | step(at + 16) | step(at + 24);
  for (; size >= 8; size -= 8, at += 8) seen |= step(at);
  seen |= seen >> 32;
  seen |= seen >> 16;
  seen |= seen >> 8;
  auto bits = static_cast<std::uint8_t>(seen);

  unsigned char keys[4];
  std::memcpy(keys, &mask, 4);
  for (std::size_t i = 0; i < size; ++i) {  // fewer than eight are left
    const auto plain = static_cast<std::uint8_t>(static_cast<unsigned char>(at[i]) ^ keys[i & 3]);
    at[i] = static_cast<char>(plain);
    bits |= plain;
  }
  any = bits;

  unsigned char turned[4];
  for (std::size_t i = 0; i < 4; ++i) turned[i] = keys[(i + size) & 3];
  std::memcpy(&mask, turned, 4);
  return mask;
}

}  // namespace hubbub::inline v0
