// Finds the hub protocol that a client asks for.
#include "protocols.hpp"

#include "hubbub/connection/request.hpp"

namespace hubbub::inline v0 {

const hub_protocol* protocol_called(std::string_view name, const std::vector<protocol_kind>& allowed) noexcept {
  for (const protocol_kind kind : allowed) {
    const hub_protocol& one =
        protocol_of(kind == protocol_kind::json ? transfer_format::text : transfer_format::binary);
    if (equals_ignoring_case(name, one.name())) return &one;
  }
  return nullptr;
}

}  // namespace hubbub::inline v0
