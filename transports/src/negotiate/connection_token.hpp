// Connection tokens: secret, signed names of connections that tell any node where a connection lives.
//
//   byte  0..15  random            26..27  shard
//        16      version (1)       28..31  hub tag
//        17      key id            32..47  first half of HMAC-SHA256 over bytes 0..31
//        18..25  node              all numbers big endian
//
// 48 bytes, so 64 characters of base64url and no padding. The random bytes stand first: neighbours share no prefix.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_mac_ctx_st;

namespace hubbub::inline v0 {

/// Where a connection lives.
struct token_place {
  std::uint64_t node = 0;   ///< instance of the process
  std::uint16_t shard = 0;  ///< home shard
  std::uint32_t hub = 0;    ///< see `hub_tag`
  friend bool operator==(const token_place&, const token_place&) = default;
};

/// A secret that signs tokens.
struct token_key {
  std::uint8_t id = 0;
  std::string secret;  ///< at least 16 bytes
};

/// A short name of a hub for its tokens.
[[nodiscard]] std::uint32_t hub_tag(std::string_view hub_name) noexcept;

/// Makes and checks tokens. Immutable: any thread.
class token_signer {
 public:
  /// Signs with the first key, accepts all of them. Throws std::invalid_argument for no key, a short one, or an id
  /// given twice.
  explicit token_signer(std::vector<token_key> keys);
  /// One random key: tokens of this process only.
  [[nodiscard]] static token_signer with_random_key();

  /// A new token.
  [[nodiscard]] std::string make(const token_place& place) const;
  /// Where the token's connection lives, or nothing when the token is none of ours. Compares in constant time.
  [[nodiscard]] std::optional<token_place> verify(std::string_view token) const;

 private:
  // A key that HMAC-SHA256 has taken in already: each token starts from a copy.
  struct prepared_key {
    std::uint8_t id;
    std::shared_ptr<evp_mac_ctx_st> start;
  };
  std::vector<prepared_key> keys_;
};

}  // namespace hubbub::inline v0
