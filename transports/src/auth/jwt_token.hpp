// A JSON Web Token taken apart, and what its claims must say. No keys, no clock, no request.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "hubbub/connection/principal.hpp"
#include "hubbub/jwt.hpp"

namespace hubbub::inline v0 {

/// A token in its parts. The views point into the text it was read from.
struct jwt_token {
  std::string algorithm;
  std::string kid;               ///< empty: the token names no key
  std::string_view signed_text;  ///< what the signature is for
  std::string signature;         ///< decoded
  std::string_view payload;      ///< still encoded: nobody looks at it before the signature was checked
};

/// Takes a token apart; nothing when it is none: not three parts of strict base64url, a header that is no object, names
/// a thing twice, has no `alg` or has a `crit` that nobody here understands.
[[nodiscard]] std::optional<jwt_token> read_jwt(std::string_view text);

/// The user of a payload whose signature was checked, when its claims are as `options` wants them at `now`.
[[nodiscard]] std::optional<principal> read_claims(std::string_view payload, const jwt_options& options,
                                                   std::chrono::system_clock::time_point now);

}  // namespace hubbub::inline v0
