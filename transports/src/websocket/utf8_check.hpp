// An incremental check that text is UTF-8: fails at the first byte that cannot be right.
#pragma once

#include <cstdint>
#include <string_view>

namespace hubbub::inline v0 {

/// Between characters. Any other value but `utf8_invalid` means that a character is not finished.
inline constexpr std::uint8_t utf8_start = 0;
/// No continuation makes it right.
inline constexpr std::uint8_t utf8_invalid = 255;

/// Reads on from `state` (`utf8_start` for a new text); returns the new state.
[[nodiscard]] std::uint8_t utf8_check(std::uint8_t state, std::string_view piece) noexcept;

}  // namespace hubbub::inline v0
