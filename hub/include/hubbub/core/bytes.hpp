// Names for raw bytes: what the wire carries and what applications hand over.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace hubbub::inline v0 {

/// Bytes of an application value: base64 text in JSON, `bin` in MessagePack.
using bytes = std::vector<std::byte>;

/// Bytes on the wire, looked at and not owned. Not necessarily text.
using bytes_view = std::string_view;

}  // namespace hubbub::inline v0
