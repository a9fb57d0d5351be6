// Ready-made authentication with JSON Web Tokens: `app.authenticate(hubbub::jwt_bearer({.hs256 = key}))`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hubbub/connection/principal.hpp"
#include "hubbub/connection/request.hpp"
#include "hubbub/core/task.hpp"

namespace hubbub::inline v0 {

/// A key that signatures are checked with: exactly one of `secret`, `pem` and `pem_file` is given. The kind of the key
/// limits its algorithms, so that a public key is never taken for a secret.
struct jwt_key {
  std::string kid{};                      ///< tokens that name a key must name this one; empty: of any name
  std::vector<std::string> algorithms{};  ///< `HS256`, `RS256`, ...; empty: what is usual for that kind of key
  std::string secret{};                   ///< HMAC: HS256, HS384, HS512; at least as long as the digest
  std::string pem{};                      ///< public key or certificate as PEM text: RSA, EC, Ed25519
  std::string pem_file{};                 ///< the same in a file
};

/// Which requests may carry their token in the query item `access_token`. A header token, even a wrong one, goes first.
enum class query_token : std::uint8_t {
  get,    ///< WebSockets and event streams: browsers cannot set headers there, SignalR clients use the query
  any,    ///< all of them
  never,  ///< none
};

/// How tokens are checked. Checked itself by `jwt_bearer`, which throws std::invalid_argument with the member's name.
struct jwt_options {
  std::string hs256{};          ///< one HMAC key for HS256: the short form of a key with `secret`
  std::vector<jwt_key> keys{};  ///< keys by value or from PEM files
  std::string jwks_file{};      ///< a JSON Web Key Set; read again when the file has changed, the last good one is kept
  /// Asked for keys that are not in the lists above; called at most once a minute for an unknown `kid`. On any shard.
  std::function<task<std::optional<jwt_key>>(std::string kid)> resolve_key{};
  std::vector<std::string> issuers{};         ///< `iss` must be one of these; empty: any
  std::vector<std::string> audiences{};       ///< `aud` must hold one of these; empty: any
  std::chrono::seconds tolerance{5};          ///< clocks may differ by that much, for `exp` and `nbf`
  query_token from_query = query_token::get;  ///< see there
  std::size_t max_token = 16 * 1024;          ///< characters; longer ones are refused unread
  std::size_t cached_tokens = 10'000;         ///< verified tokens that each shard remembers until they expire; 0: none
  std::function<std::chrono::system_clock::time_point()> now{};  ///< for tests; empty: the system's clock
};

/// The hook that `jwt_bearer` makes. A value that may be copied; any thread.
class jwt_authentication {
 public:
  class state;  ///< keys and caches
  explicit jwt_authentication(std::shared_ptr<state> shared) noexcept : state_(std::move(shared)) {}
  /// No token: anonymous. A token that is not valid: challenge (`401`, `WWW-Authenticate: Bearer`). Otherwise the
  /// user with all claims of the token (arrays are flattened, numbers and booleans become text) and its expiry.
  task<auth_result> operator()(const request& asked) const;

 private:
  std::shared_ptr<state> state_;
};

/// Checks tokens of the `Authorization: Bearer` header, or of the query item `access_token` where that is allowed:
/// signature, algorithm, `exp` (required), `nbf`, `iss`, `aud` (decisions 19 and 20). Throws std::invalid_argument for
/// keys that are missing, broken or too short, and std::system_error for files that cannot be read.
[[nodiscard]] jwt_authentication jwt_bearer(jwt_options options);

}  // namespace hubbub::inline v0
