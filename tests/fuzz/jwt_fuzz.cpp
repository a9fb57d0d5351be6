// Fuzzes JSON Web Tokens and key sets. The first byte chooses what the rest is: a token as it comes over the wire, a
// header and a payload (a line each) that are signed here with the key the server has, or a key set.
// Promises checked: only what carries the right signature of an allowed algorithm passes; a token has one spelling;
// a user has what the payload says and nothing it says twice; whatever is wrong ends in a plain refusal.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <nlohmann/json.hpp>

#include "auth/jwt_keys.hpp"
#include "auth/jwt_token.hpp"
#include "hubbub/core/base64.hpp"

namespace {

using namespace hubbub;
using nlohmann::json;

const std::string secret = "a secret of forty bytes, known to nobody";
constexpr long long noon_seconds = 1'900'000'000;
constexpr auto noon = std::chrono::system_clock::time_point(std::chrono::seconds(noon_seconds));

[[noreturn]] void give_up(const char* promise) {
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

std::string hs256(std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

const verification_key& the_key() {
  static const verification_key made(jwt_key{.kid = "k", .secret = secret});
  return made;
}

// Collects the names of the outermost object, however often they come.
class outer_names final : public json::json_sax_t {
 public:
  std::vector<std::string> names;
  bool object = false;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(json::number_integer_t) override { return true; }
  bool number_unsigned(json::number_unsigned_t) override { return true; }
  bool number_float(json::number_float_t, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    if (depth_++ == 0) object = true;
    return true;
  }
  bool key(std::string& name) override {
    if (depth_ == 1) names.push_back(name);
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override {
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override { return false; }

 private:
  std::size_t depth_ = 0;
};

// What was accepted as an object is one for others too, and says nothing twice.
void check_object(std::string_view text) {
  outer_names seen;
  if (!json::sax_parse(text, &seen) || !seen.object) give_up("what is accepted is a JSON object");
  if (std::set<std::string>(seen.names.begin(), seen.names.end()).size() != seen.names.size()) {
    give_up("what is accepted says nothing twice");
  }
}

std::optional<jwt_token> read_and_check(std::string_view text) {
  std::optional<jwt_token> token = read_jwt(text);
  if (!token) return token;
  const std::size_t head_size = token->signed_text.size() - token->payload.size() - 1;
  const auto head = base64url_decoded(token->signed_text.substr(0, head_size));
  if (!head) give_up("a header is base64url");
  check_object(*head);
  const json as_json = json::parse(*head);
  if (as_json.at("alg") != token->algorithm) give_up("the algorithm is the header's");
  if (as_json.value("kid", std::string()) != token->kid) give_up("the key's name is the header's");
  if (as_json.contains("crit")) give_up("a token that demands more is refused");
  if (std::string(token->signed_text) + "." + base64url_encoded(token->signature) != text) {
    give_up("a token has one spelling");
  }
  return token;
}

bool verified(const jwt_token& token) {
  if (!the_key().allows(token.algorithm)) return false;
  const bool good = the_key().verify(token.algorithm, token.signed_text, token.signature);
  if (good && token.algorithm == "HS256" && token.signature != hs256(token.signed_text)) {
    give_up("a signature that passes is the right one");
  }
  if (good && !token.algorithm.starts_with("HS")) give_up("a secret checks nothing but HMAC");
  return good;
}

void check_claims(std::string_view payload, const jwt_options& options) {
  const std::optional<principal> user = read_claims(payload, options, noon);
  if (!user) return;
  const auto text = base64url_decoded(payload);
  if (!text) give_up("a payload is base64url");
  check_object(*text);
  const json claims = json::parse(*text);
  const auto exp = claims.find("exp");
  if (exp == claims.end() || !exp->is_number()) give_up("a token without an end is refused");
  if (exp->get<double>() + static_cast<double>(options.tolerance.count()) + 1 < static_cast<double>(noon_seconds)) {
    give_up("a token that is over is refused");
  }
  if (!user->expires_at()) give_up("a user's authentication ends when the token does");
  std::size_t values = 0;
  for (const json& one : claims) values += one.is_array() ? one.size() : 1;
  if (user->claims().size() != values) give_up("a user has the claims of the payload");
  for (const auto& [name, value] : user->claims()) {
    if (!claims.contains(name)) give_up("a user has no claim of its own");
  }
  if (!options.issuers.empty() && claims.value("iss", json()) != json(options.issuers.front())) {
    give_up("others may not issue");
  }
  if (options.audiences.empty()) return;
  const json audience = claims.value("aud", json());
  const json wanted = options.audiences.front();
  if (audience != wanted && std::find(audience.begin(), audience.end(), wanted) == audience.end()) {
    give_up("tokens for others are refused");
  }
}

void check_payload(std::string_view payload) {
  check_claims(payload, {});
  check_claims(payload, jwt_options{.issuers = {"me"}, .audiences = {"you"}});
}

void check_token(std::string_view text) {
  const std::optional<jwt_token> token = read_and_check(text);
  if (!token) return;
  static_cast<void>(verified(*token));
  check_payload(token->payload);
}

void check_signed(std::string_view head, std::string_view claims) {
  const std::string text = base64url_encoded(head) + "." + base64url_encoded(claims);
  const std::string whole = text + "." + base64url_encoded(hs256(text));  // tokens are views of their text
  const std::optional<jwt_token> token = read_and_check(whole);
  if (!token) return;
  if (verified(*token) != (token->algorithm == "HS256")) give_up("a good signature passes under its own name only");
  check_payload(token->payload);

  std::string forged = hs256(text);
  forged[head.size() % forged.size()] ^= 1;
  const std::string with_forged = text + "." + base64url_encoded(forged);
  const std::optional<jwt_token> other = read_and_check(with_forged);
  if (!other || verified(*other)) give_up("one wrong bit is too many");
  const std::string with_none = text + ".";
  const std::optional<jwt_token> unsigned_one = read_and_check(with_none);
  if (!unsigned_one || verified(*unsigned_one)) give_up("no signature is none");
}

void check_key_set(std::string_view text) {
  try {
    const std::vector<verification_key> keys = keys_of_set(text);
    if (keys.empty()) give_up("a set that is taken has keys");
    constexpr std::string_view algorithms[] = {"HS256", "HS384", "HS512", "RS256", "PS256",
                                               "ES256", "ES384", "ES512", "EdDSA", "none"};
    for (const verification_key& one : keys) {
      if (one.allows("none") || one.allows("")) give_up("no key allows tokens without a signature");
      for (const std::string_view algorithm : algorithms) {
        if (one.verify(algorithm, "text", std::string(64, 's'))) give_up("no key takes any signature");
      }
    }
  } catch (const std::invalid_argument&) {  // the one refusal that is announced
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t line = rest.find('\n');
  switch (data[0] % 3) {
    case 0: check_token(rest); break;
    case 1:
      check_signed(rest.substr(0, line), line == rest.npos ? std::string_view("{}") : rest.substr(line + 1));
      break;
    default: check_key_set(rest); break;
  }
  return 0;
}
