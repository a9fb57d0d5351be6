// From a whole request to whatever serves its path.
#pragma once

#include "http/http_session.hpp"

namespace hubbub::inline v0 {

/// Serves the request of the session's exchange. May be called again for the same request when a wait is over.
served serve_request(http_session& on);

/// Answers with the CORS headers that `origins` asks for.
served reply(http_session& on, const origin_policy& origins, response what);

/// Finds out who asks, once per request: `exchange().who`. `waiting`: come again; `answered`: go on, unless an answer
/// (500, the hook threw) is in `exchange().answer`.
served authenticate(http_session& on);

}  // namespace hubbub::inline v0
