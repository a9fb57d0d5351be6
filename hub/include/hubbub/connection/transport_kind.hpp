// The transports.
#pragma once

#include <cstdint>

namespace hubbub::inline v0 {

/// How bytes travel between a client and a hub.
enum class transport_kind : std::uint8_t { web_sockets, server_sent_events, long_polling };

}  // namespace hubbub::inline v0
