// The HTTP side of hubs and raw WebSockets: which request becomes a connection, and what all the others hear.
#pragma once

#include "http/http_session.hpp"
#include "site.hpp"

namespace hubbub::inline v0 {

/// Serves a request to a hub's path, or to its negotiation.
served serve_hub(http_session& on, const hub_mapping& hub, bool negotiation);

/// Serves a request to a path of raw WebSockets.
served serve_raw(http_session& on, const raw_mapping& raw);

}  // namespace hubbub::inline v0
