// How much of a message may be read again: variants try one type after another, and hostile messages would make them do
// it at every level of nesting.
#pragma once

#include <cstddef>

namespace hubbub::inline v0 {

/// Bytes that may be read again in a message of `size` bytes. Each level of nesting may cost a few rounds; what costs
/// more than this was built to do so.
[[nodiscard]] constexpr std::size_t reading_again(std::size_t size) noexcept { return 16 * size + 4096; }

}  // namespace hubbub::inline v0
