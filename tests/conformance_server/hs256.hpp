// The authentication of /auth: a token signed with HS256, checked by hand until the library has it ready-made.
#pragma once

#include <hubbub/connection/principal.hpp>
#include <hubbub/connection/request.hpp>

#include <string>

namespace conformance {

/// Takes the token from `Authorization: Bearer` or, failing that, from the query item `access_token`. No token:
/// anonymous; a token that is not valid: challenge.
[[nodiscard]] hubbub::auth_result check_token(const hubbub::request& request, const std::string& key);

}  // namespace conformance
