// Three parts, one signature, one expiry.
#include "hs256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <hubbub/core/base64.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace conformance {
namespace {

std::string hmac_sha256(const std::string& key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest, &size);
  return {reinterpret_cast<const char*>(digest), size};
}

std::optional<std::string> token_of(const hubbub::request& request) {
  if (const auto header = request.header("Authorization")) {
    if (header->size() > 7 && hubbub::equals_ignoring_case(header->substr(0, 7), "Bearer "))
      return std::string(header->substr(7));
  }
  return request.query("access_token");
}

std::optional<nlohmann::json> json_part(std::string_view part) {
  const auto text = hubbub::base64url_decoded(part);
  if (!text) return std::nullopt;
  nlohmann::json value = nlohmann::json::parse(*text, nullptr, false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

}  // namespace

hubbub::auth_result check_token(const hubbub::request& request, const std::string& key) {
  const auto token = token_of(request);
  if (!token || token->empty()) return hubbub::auth_result::anonymous();
  const auto refused = hubbub::auth_result::challenge();
  const std::size_t first = token->find('.');
  const std::size_t second = first == std::string::npos ? first : token->find('.', first + 1);
  if (second == std::string::npos || token->find('.', second + 1) != std::string::npos) return refused;
  const std::string_view text(*token);
  const auto signature = hubbub::base64url_decoded(text.substr(second + 1));
  const std::string expected = hmac_sha256(key, text.substr(0, second));
  if (!signature || signature->size() != expected.size() ||
      CRYPTO_memcmp(signature->data(), expected.data(), expected.size()) != 0)
    return refused;
  const auto head = json_part(text.substr(0, first));
  const auto body = json_part(text.substr(first + 1, second - first - 1));
  if (!head || !body || head->value("alg", nlohmann::json()) != "HS256") return refused;
  const auto expiry = body->find("exp");
  if (expiry == body->end() || !expiry->is_number()) return refused;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  if (expiry->get<double>() + 5 < static_cast<double>(now)) return refused;
  std::vector<hubbub::principal::claim> claims;
  for (const auto& [name, value] : body->items()) {
    if (value.is_string()) claims.emplace_back(name, value.get<std::string>());
    if (!value.is_array()) continue;
    for (const auto& one : value) {
      if (one.is_string()) claims.emplace_back(name, one.get<std::string>());
    }
  }
  return hubbub::auth_result::user(hubbub::principal(std::move(claims)));
}

}  // namespace conformance
