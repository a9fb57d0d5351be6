// Parses the envelope of a MessagePack hub message: which message it is, and where its values lie.
#pragma once

#include "hubbub/protocol/hub_message.hpp"

namespace hubbub::inline v0 {

/// Parses one message of the MessagePack hub protocol without its length, by hub-protocol.md section 5. Values (the
/// arguments, an item, a result) are left as slices; one that is malformed or missing is a slice too, of what is there:
/// it breaks no protocol, it only does not bind. Only a result that is announced and missing is fatal. Any thread.
[[nodiscard]] parse_status parse_msgpack_envelope(bytes_view encoded, hub_message& message);

}  // namespace hubbub::inline v0
