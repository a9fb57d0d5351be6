// Parses the envelope of a JSON hub message: which message it is, and where its values lie.
#pragma once

#include "hubbub/protocol/hub_message.hpp"

namespace hubbub::inline v0 {

/// Parses one message of the JSON hub protocol without its separator, by hub-protocol.md section 4. Any thread.
[[nodiscard]] parse_status parse_json_envelope(bytes_view encoded, hub_message& message);

}  // namespace hubbub::inline v0
