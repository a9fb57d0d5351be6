// From a whole request to whatever serves its path.
#pragma once

#include <string>
#include <string_view>

#include "http/http_session.hpp"
#include "hubbub/metrics.hpp"

namespace hubbub::inline v0 {

/// Serves the request of the session's exchange. May be called again for the same request when a wait is over.
served serve_request(http_session& on);

/// Answers with the CORS headers that `origins` asks for.
served reply(http_session& on, const origin_policy& origins, response what);

/// Finds out who asks, once per request: `exchange().who`. `waiting`: come again; `answered`: go on, unless an answer
/// (500, the hook threw) is in `exchange().answer`.
served authenticate(http_session& on);

/// Asks the negotiate hook of a hub, unless that was done before a wait; its decision is in the exchange.
served ask_negotiation(http_session& on, const hub_mapping& hub);

/// The value of `Retry-After`, in whole seconds; empty when there is to be none.
[[nodiscard]] std::string retry_after_text(const server_options& options);

/// Counts a client that a limit turns away, and says so in the log, at most once a second. On that shard.
void turn_away(shard_server& here, limit_kind limit);

}  // namespace hubbub::inline v0
