// Random bytes of the operating system, good for secrets.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hubbub::inline v0 {

/// Fills `room` with unpredictable bytes. Any thread; small requests are served from a buffer of the thread.
/// Throws std::system_error when the system has no randomness to give.
void random_bytes(void* room, std::size_t size);

/// 64 unpredictable bits.
[[nodiscard]] std::uint64_t random_u64();

}  // namespace hubbub::inline v0
