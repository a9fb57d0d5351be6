// Bytes in JSON: base64 text, read as the reference reads it.
#pragma once

#include <string_view>

#include "hubbub/core/bytes.hpp"

namespace hubbub::inline v0 {

/// Replaces `output` with the bytes of base64 with padding. Unlike core's strict reading it lets whitespace between
/// characters pass, as .NET does; false for other characters, missing padding and bits that belong to no byte.
[[nodiscard]] bool read_json_bytes(std::string_view text, bytes& output);

}  // namespace hubbub::inline v0
