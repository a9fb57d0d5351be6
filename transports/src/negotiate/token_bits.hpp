// What negotiated connections are found by.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hubbub::inline v0 {

/// The random bytes of a token (or, in version 0, of an id).
using token_bits = std::array<std::uint8_t, 16>;

/// The bits of a version 1 token (64 characters) or of an id (22 characters); nothing for other texts.
[[nodiscard]] std::optional<token_bits> bits_of_token(std::string_view text);

}  // namespace hubbub::inline v0
