// Values of messages as text for people, whatever their encoding.
#pragma once

#include <string>

#include "hubbub/protocol/value_reader.hpp"

namespace hubbub::inline v0::testing::detail {

/// Consumes the next value and appends it as JSON-like text, cut short when it is long.
void append_text(value_reader& reader, std::string& text);

}  // namespace hubbub::inline v0::testing::detail
