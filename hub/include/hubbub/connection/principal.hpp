// Who is at the other end: claims and their expiry, as an authentication hook found them.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::inline v0 {

/// An authenticated user: an immutable multimap of claims. Shared by reference; any thread.
class principal {
 public:
  using claim = std::pair<std::string, std::string>;

  /// A user with these claims; a claim may occur several times (arrays are flattened).
  explicit principal(std::vector<claim> claims = {},
                     std::optional<std::chrono::system_clock::time_point> expires_at = {})
      : claims_(std::move(claims)), expires_at_(expires_at) {}

  /// The first value of a claim, or nothing. Names are case-sensitive.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept {
    for (const claim& one : claims_) {
      if (one.first == name) return one.second;
    }
    return std::nullopt;
  }
  /// True when the claim is there with exactly that value.
  [[nodiscard]] bool has(std::string_view name, std::string_view value) const noexcept {
    for (const claim& one : claims_) {
      if (one.first == name && one.second == value) return true;
    }
    return false;
  }
  /// True when the claim `role` has that value.
  [[nodiscard]] bool in_role(std::string_view role) const noexcept { return has("role", role); }
  /// All claims in the order they were given.
  [[nodiscard]] const std::vector<claim>& claims() const noexcept { return claims_; }
  /// When the authentication ends; nothing: never.
  [[nodiscard]] std::optional<std::chrono::system_clock::time_point> expires_at() const noexcept { return expires_at_; }

 private:
  std::vector<claim> claims_;
  std::optional<std::chrono::system_clock::time_point> expires_at_;
};

/// What an authentication hook decides about a request. A value.
class auth_result {
 public:
  enum class kind : unsigned char { anonymous, user, challenge, forbid };

  /// No credentials: endpoints open to everyone accept that, others answer 401.
  [[nodiscard]] static auth_result anonymous() { return auth_result(kind::anonymous, nullptr); }
  /// A known user.
  [[nodiscard]] static auth_result user(principal who) {
    return auth_result(kind::user, std::make_shared<const principal>(std::move(who)));
  }
  /// A known user that is shared by several connections.
  [[nodiscard]] static auth_result user(std::shared_ptr<const principal> who) {
    return auth_result(kind::user, std::move(who));
  }
  /// Credentials missing or wrong: 401 with `WWW-Authenticate: <scheme>`.
  [[nodiscard]] static auth_result challenge(std::string scheme = "Bearer") {
    auth_result result(kind::challenge, nullptr);
    result.scheme_ = std::move(scheme);
    return result;
  }
  /// Known and not allowed: 403.
  [[nodiscard]] static auth_result forbid() { return auth_result(kind::forbid, nullptr); }

  [[nodiscard]] kind what() const noexcept { return kind_; }
  [[nodiscard]] const std::shared_ptr<const principal>& who() const noexcept { return who_; }
  [[nodiscard]] const std::string& scheme() const noexcept { return scheme_; }

 private:
  auth_result(kind what, std::shared_ptr<const principal> who) : kind_(what), who_(std::move(who)) {}
  kind kind_;
  std::shared_ptr<const principal> who_;
  std::string scheme_;
};

}  // namespace hubbub::inline v0
