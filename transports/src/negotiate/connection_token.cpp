// Tokens made and checked. The header draws the bytes.
#include "negotiate/connection_token.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "hubbub/core/base64.hpp"
#include "hubbub/core/random.hpp"

namespace hubbub::inline v0 {

namespace {

constexpr std::uint8_t token_version = 1;
constexpr std::size_t random_size = 16;
constexpr std::size_t version_at = 16;
constexpr std::size_t key_at = 17;
constexpr std::size_t node_at = 18;
constexpr std::size_t shard_at = 26;
constexpr std::size_t hub_at = 28;
constexpr std::size_t mac_at = 32;
constexpr std::size_t mac_size = 16;
constexpr std::size_t token_size = mac_at + mac_size;
constexpr std::size_t least_secret = 16;

template <class Number>
void put_big_endian(unsigned char* at, Number value) noexcept {
  for (std::size_t i = sizeof(Number); i-- > 0; value = static_cast<Number>(value >> 4 >> 4)) {
    at[i] = static_cast<unsigned char>(value & 0xff);
  }
}

template <class Number>
Number big_endian(const unsigned char* at) noexcept {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) value = static_cast<Number>((value << 4 << 4) | at[i]);
  return value;
}

struct mac_deleter {
  void operator()(EVP_MAC_CTX* of) const noexcept { EVP_MAC_CTX_free(of); }
};
using mac_context = std::unique_ptr<EVP_MAC_CTX, mac_deleter>;

[[noreturn]] void fail() { throw std::runtime_error("connection token: HMAC-SHA256 is not available"); }

// Looking the algorithm up and taking a key in are most of the work for a message of 32 bytes.
mac_context prepared(const std::string& secret) {
  EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  mac_context made(EVP_MAC_CTX_new(algorithm));
  EVP_MAC_free(algorithm);  // the context holds it
  char digest[] = "SHA256";
  const OSSL_PARAM settings[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
  const auto* const key = reinterpret_cast<const unsigned char*>(secret.data());
  if (made == nullptr || EVP_MAC_init(made.get(), key, secret.size(), settings) != 1) fail();
  return made;
}

std::array<unsigned char, mac_size> mac_of(const unsigned char* bytes, const EVP_MAC_CTX& start) {
  const mac_context fresh(EVP_MAC_CTX_dup(&start));
  unsigned char whole[EVP_MAX_MD_SIZE];
  std::size_t size = 0;
  if (fresh == nullptr || EVP_MAC_update(fresh.get(), bytes, mac_at) != 1 ||
      EVP_MAC_final(fresh.get(), whole, &size, sizeof whole) != 1 || size < mac_size) {
    fail();
  }
  std::array<unsigned char, mac_size> half;
  std::memcpy(half.data(), whole, mac_size);
  return half;
}

}  // namespace

std::uint32_t hub_tag(std::string_view hub_name) noexcept {
  std::uint32_t hash = 2166136261u;  // FNV-1a: the MAC makes it unforgeable, this only tells hubs apart
  for (const char c : hub_name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

token_signer::token_signer(std::vector<token_key> keys) {
  if (keys.empty()) throw std::invalid_argument("server option token_keys: there is none");
  for (const token_key& key : keys) {
    const std::string which = "server option token_keys: key " + std::to_string(key.id);
    if (key.secret.size() < least_secret) throw std::invalid_argument(which + " is shorter than 16 bytes");
    for (const prepared_key& other : keys_) {
      if (other.id == key.id) throw std::invalid_argument(which + " is given twice");
    }
    keys_.push_back({key.id, prepared(key.secret)});
  }
}

token_signer token_signer::with_random_key() {
  token_key key;
  key.secret.resize(32);
  random_bytes(key.secret.data(), key.secret.size());
  return token_signer({std::move(key)});
}

std::string token_signer::make(const token_place& place) const {
  const prepared_key& key = keys_.front();
  std::array<unsigned char, token_size> bytes;
  random_bytes(bytes.data(), random_size);
  bytes[version_at] = token_version;
  bytes[key_at] = key.id;
  put_big_endian(bytes.data() + node_at, place.node);
  put_big_endian(bytes.data() + shard_at, place.shard);
  put_big_endian(bytes.data() + hub_at, place.hub);
  const auto mac = mac_of(bytes.data(), *key.start);
  std::memcpy(bytes.data() + mac_at, mac.data(), mac.size());
  return base64url_encoded({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<token_place> token_signer::verify(std::string_view token) const {
  unsigned char bytes[token_size];
  if (token.size() != token_size / 3 * 4 || !read_base64url(reinterpret_cast<char*>(bytes), token)) return std::nullopt;
  if (bytes[version_at] != token_version) return std::nullopt;
  for (const prepared_key& key : keys_) {
    if (key.id != bytes[key_at]) continue;
    const auto mac = mac_of(bytes, *key.start);
    if (CRYPTO_memcmp(mac.data(), bytes + mac_at, mac_size) != 0) return std::nullopt;
    return token_place{big_endian<std::uint64_t>(bytes + node_at), big_endian<std::uint16_t>(bytes + shard_at),
                       big_endian<std::uint32_t>(bytes + hub_at)};
  }
  return std::nullopt;
}

}  // namespace hubbub::inline v0
