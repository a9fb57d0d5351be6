// The hub protocols a node speaks, one for each transfer format.
#pragma once

#include "hubbub/protocol/hub_protocol.hpp"

namespace hubbub::inline v0 {

/// The protocol of connections with that format; null when there is none. Any thread.
[[nodiscard]] inline const hub_protocol* protocol_of(transfer_format format) noexcept {
  return format == transfer_format::text ? &json_hub_protocol() : nullptr;
}

}  // namespace hubbub::inline v0
