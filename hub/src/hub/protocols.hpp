// The hub protocols a node speaks, one for each transfer format.
#pragma once

#include <string_view>
#include <vector>

#include "hubbub/hub/hub_settings.hpp"
#include "hubbub/protocol/hub_protocol.hpp"

namespace hubbub::inline v0 {

/// The protocol of connections with that format. Any thread.
[[nodiscard]] inline const hub_protocol& protocol_of(transfer_format format) noexcept {
  return format == transfer_format::text ? json_hub_protocol() : messagepack_hub_protocol();
}

/// The protocol that a client names in its handshake, without regard to case, if it is among `allowed`; else null. Any
/// thread.
[[nodiscard]] const hub_protocol* protocol_called(std::string_view name,
                                                  const std::vector<protocol_kind>& allowed) noexcept;

}  // namespace hubbub::inline v0
