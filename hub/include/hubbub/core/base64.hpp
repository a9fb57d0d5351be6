// Base64 (RFC 4648) with padding, and base64url without.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub::inline v0 {

/// Characters that base64 with padding takes for `size` bytes.
[[nodiscard]] constexpr std::size_t base64_size(std::size_t size) noexcept { return (size + 2) / 3 * 4; }

/// Bytes that this many characters of base64url without padding stand for.
[[nodiscard]] constexpr std::size_t base64url_bytes(std::size_t characters) noexcept {
  return characters / 4 * 3 + (characters % 4 == 0 ? 0 : characters % 4 - 1);
}

/// Writes base64 with padding to `room` (`base64_size(size)` characters); returns how many.
std::size_t write_base64(char* room, const void* data, std::size_t size) noexcept;

/// Base64 with padding.
[[nodiscard]] std::string base64_encoded(std::string_view bytes);
/// The bytes of base64 with padding; nothing when it is not exactly that (strict: no white space, no spare bits).
[[nodiscard]] std::optional<std::string> base64_decoded(std::string_view text);

/// Base64url without padding.
[[nodiscard]] std::string base64url_encoded(std::string_view bytes);
/// The bytes of base64url without padding; nothing when it is not exactly that.
[[nodiscard]] std::optional<std::string> base64url_decoded(std::string_view text);
/// The same into `room` (`base64url_bytes(text.size())` bytes), for where no memory is to be taken; false when it is
/// not exactly that: what is in `room` then means nothing.
[[nodiscard]] bool read_base64url(char* room, std::string_view text) noexcept;

}  // namespace hubbub::inline v0
