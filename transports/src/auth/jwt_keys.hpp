// Keys that check the signatures of tokens. All of OpenSSL's part in authentication is behind this header.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/jwt.hpp"

namespace hubbub::inline v0 {

/// A key ready for use. Immutable; any thread.
class verification_key {
 public:
  /// From an option. Throws std::invalid_argument with the reason, and std::system_error for a file.
  explicit verification_key(const jwt_key& wanted);
  verification_key(verification_key&&) noexcept;
  verification_key& operator=(verification_key&&) noexcept;
  ~verification_key();

  [[nodiscard]] const std::string& kid() const noexcept { return kid_; }
  /// True when this key may check tokens of that algorithm.
  [[nodiscard]] bool allows(std::string_view algorithm) const noexcept;
  /// True when `signature` is that of `text`. The algorithm must be allowed.
  [[nodiscard]] bool verify(std::string_view algorithm, std::string_view text, std::string_view signature) const;

 private:
  friend std::vector<verification_key> keys_of_set(std::string_view jwks);
  struct material;  // a secret or a public key
  verification_key(std::string kid, std::vector<std::string> algorithms, std::unique_ptr<material> key);
  void choose_algorithms();

  std::string kid_;
  std::vector<std::string> algorithms_;
  std::unique_ptr<material> key_;
};

/// The keys of a JSON Web Key Set (RFC 7517): oct, RSA, EC and OKP; those of other kinds or for encryption are left
/// out. Throws std::invalid_argument when the text is no set or has no key of use.
[[nodiscard]] std::vector<verification_key> keys_of_set(std::string_view jwks);

}  // namespace hubbub::inline v0
