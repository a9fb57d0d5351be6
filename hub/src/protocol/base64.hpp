// Base64 (RFC 4648, with padding): how bytes travel in JSON.
#pragma once

#include <cstddef>
#include <string_view>

#include "hubbub/core/bytes.hpp"

namespace hubbub::inline v0::base64 {

/// Characters that `count` bytes take.
[[nodiscard]] constexpr std::size_t encoded_size(std::size_t count) noexcept { return (count + 2) / 3 * 4; }

/// Writes encoded_size(input.size()) characters to `out`.
void encode(bytes_view input, char* out) noexcept;

/// Replaces `output`. Whitespace between characters is ignored; false for other characters, missing padding and bits
/// that belong to no byte.
[[nodiscard]] bool decode(std::string_view text, bytes& output);

}  // namespace hubbub::inline v0::base64
