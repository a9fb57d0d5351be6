// Reading keys and checking signatures with OpenSSL.
#include "auth/jwt_keys.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "hubbub/core/base64.hpp"

namespace hubbub::inline v0 {
namespace {

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* one) const noexcept {
    Free(one);
  }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed<&EVP_PKEY_free>>;
using bio_ptr = std::unique_ptr<BIO, freed<&BIO_free_all>>;
using number_ptr = std::unique_ptr<BIGNUM, freed<&BN_free>>;

// What is known of an algorithm by its name.
struct algorithm {
  std::string_view name;
  enum class family { hmac, rsa, rsa_pss, ecdsa, eddsa } kind;
  std::size_t bits;  // of the digest; of EC also tells the curve
};
constexpr std::array<algorithm, 13> known_algorithms{{{"HS256", algorithm::family::hmac, 256},
                                                      {"HS384", algorithm::family::hmac, 384},
                                                      {"HS512", algorithm::family::hmac, 512},
                                                      {"RS256", algorithm::family::rsa, 256},
                                                      {"RS384", algorithm::family::rsa, 384},
                                                      {"RS512", algorithm::family::rsa, 512},
                                                      {"PS256", algorithm::family::rsa_pss, 256},
                                                      {"PS384", algorithm::family::rsa_pss, 384},
                                                      {"PS512", algorithm::family::rsa_pss, 512},
                                                      {"ES256", algorithm::family::ecdsa, 256},
                                                      {"ES384", algorithm::family::ecdsa, 384},
                                                      {"ES512", algorithm::family::ecdsa, 512},
                                                      {"EdDSA", algorithm::family::eddsa, 0}}};

const algorithm* find_algorithm(std::string_view name) noexcept {
  for (const algorithm& one : known_algorithms) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

const EVP_MD* digest_of(const algorithm& by) noexcept {
  return by.bits == 384 ? EVP_sha384() : by.bits == 512 ? EVP_sha512() : EVP_sha256();
}

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

key_ptr read_pem(std::string_view pem) {
  const auto open = [&] { return bio_ptr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); };
  const bio_ptr as_key = open();
  if (key_ptr key{PEM_read_bio_PUBKEY(as_key.get(), nullptr, nullptr, nullptr)}) return key;
  const bio_ptr as_certificate = open();
  const std::unique_ptr<X509, freed<&X509_free>> certificate(
      PEM_read_bio_X509(as_certificate.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate == nullptr ? nullptr : key_ptr(X509_get_pubkey(certificate.get()));
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), "jwt_bearer: cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A signature of ECDSA as JWT has it, r and s of equal length, in the form that OpenSSL wants.
std::string der_signature(std::string_view raw) {
  const std::size_t half = raw.size() / 2;
  std::unique_ptr<ECDSA_SIG, freed<&ECDSA_SIG_free>> made(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(raw), static_cast<int>(half), nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(raw.substr(half)), static_cast<int>(half), nullptr);
  if (made == nullptr || ECDSA_SIG_set0(made.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(made.get(), &der);
  std::string text(reinterpret_cast<const char*>(der), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(der);
  return text;
}

std::size_t curve_bits(std::size_t algorithm_bits) noexcept { return algorithm_bits == 512 ? 521 : algorithm_bits; }

}  // namespace

struct verification_key::material {
  std::string secret;
  key_ptr public_key;
  ~material() { OPENSSL_cleanse(secret.data(), secret.size()); }

  [[nodiscard]] bool fits(const algorithm& by) const noexcept {
    using family = algorithm::family;
    if (public_key == nullptr) return by.kind == family::hmac && secret.size() * 8 >= by.bits;
    const int type = EVP_PKEY_get_base_id(public_key.get());
    const auto bits = static_cast<std::size_t>(EVP_PKEY_get_bits(public_key.get()));
    switch (by.kind) {
      case family::rsa: return type == EVP_PKEY_RSA && bits >= 2048;
      case family::rsa_pss: return (type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS) && bits >= 2048;
      case family::ecdsa: return type == EVP_PKEY_EC && bits == curve_bits(by.bits);
      case family::eddsa: return type == EVP_PKEY_ED25519;
      case family::hmac: return false;
    }
    return false;
  }
  [[nodiscard]] std::string describe() const {
    if (public_key == nullptr) return "a secret of " + std::to_string(secret.size()) + " bytes";
    return "a public key of " + std::to_string(EVP_PKEY_get_bits(public_key.get())) + " bits";
  }
};

verification_key::verification_key(verification_key&&) noexcept = default;
verification_key& verification_key::operator=(verification_key&&) noexcept = default;
verification_key::~verification_key() = default;

verification_key::verification_key(std::string kid, std::vector<std::string> algorithms, std::unique_ptr<material> key)
    : kid_(std::move(kid)), algorithms_(std::move(algorithms)), key_(std::move(key)) {
  choose_algorithms();
}

verification_key::verification_key(const jwt_key& wanted)
    : kid_(wanted.kid), algorithms_(wanted.algorithms), key_(std::make_unique<material>()) {
  const std::string which = "jwt_bearer: key '" + kid_ + "': ";
  const int given = !wanted.secret.empty() + !wanted.pem.empty() + !wanted.pem_file.empty();
  if (given != 1) throw std::invalid_argument(which + "exactly one of secret, pem and pem_file must be given");
  if (!wanted.secret.empty()) {
    key_->secret = wanted.secret;
  } else {
    key_->public_key = read_pem(wanted.pem_file.empty() ? wanted.pem : read_file(wanted.pem_file));
    if (key_->public_key == nullptr) {
      throw std::invalid_argument(which + (wanted.pem_file.empty() ? "pem" : "pem_file " + wanted.pem_file) +
                                  " holds no public key and no certificate");
    }
  }
  choose_algorithms();
}

// Those that were asked for must fit the key; without any, the usual ones of its kind.
void verification_key::choose_algorithms() {
  const std::string which = "jwt_bearer: key '" + kid_ + "': ";
  if (algorithms_.empty()) {
    for (const algorithm& one : known_algorithms) {
      if (key_->fits(one)) algorithms_.emplace_back(one.name);
    }
    if (!algorithms_.empty()) return;
    throw std::invalid_argument(which + key_->describe() +
                                " fits no algorithm; secrets need 32 bytes or more, RSA keys 2048 bits");
  }
  for (const std::string& name : algorithms_) {
    const algorithm* const by = find_algorithm(name);
    if (by == nullptr) throw std::invalid_argument(which + "algorithms: '" + name + "' is not known");
    if (!key_->fits(*by)) {
      throw std::invalid_argument(which + "algorithms: " + name + " does not fit " + key_->describe());
    }
  }
}

bool verification_key::allows(std::string_view name) const noexcept {
  return std::find(algorithms_.begin(), algorithms_.end(), name) != algorithms_.end();
}

bool verification_key::verify(std::string_view name, std::string_view text, std::string_view signature) const {
  const algorithm* const by = find_algorithm(name);
  if (by == nullptr || !allows(name)) return false;
  if (by->kind == algorithm::family::hmac) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    const bool made = HMAC(digest_of(*by), key_->secret.data(), static_cast<int>(key_->secret.size()), bytes_of(text),
                           text.size(), digest, &size) != nullptr;
    return made && signature.size() == size && CRYPTO_memcmp(digest, signature.data(), size) == 0;
  }
  std::string der;
  if (by->kind == algorithm::family::ecdsa) {
    if (signature.size() != (curve_bits(by->bits) + 7) / 8 * 2) return false;
    der = der_signature(signature);
    signature = der;
  }
  const std::unique_ptr<EVP_MD_CTX, freed<&EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  const EVP_MD* const digest = by->kind == algorithm::family::eddsa ? nullptr : digest_of(*by);
  bool good =
      context != nullptr && EVP_DigestVerifyInit(context.get(), &options, digest, nullptr, key_->public_key.get()) == 1;
  if (good && by->kind == algorithm::family::rsa_pss) {
    good = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  good =
      good && EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
  ERR_clear_error();
  return good;
}

// ------------------------------------------------------------------------------------------------------ key sets

namespace {

using nlohmann::json;

std::string text_member(const json& of, const char* name) {
  const auto found = of.find(name);
  return found != of.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string bytes_member(const json& of, const char* name) {
  return base64url_decoded(text_member(of, name)).value_or(std::string());
}

key_ptr made_of(const char* type, OSSL_PARAM_BLD* parts) {
  const std::unique_ptr<OSSL_PARAM, freed<&OSSL_PARAM_free>> parameters(OSSL_PARAM_BLD_to_param(parts));
  const std::unique_ptr<EVP_PKEY_CTX, freed<&EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (parameters != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1) {
    EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get());
  }
  ERR_clear_error();
  return key_ptr(made);
}

key_ptr rsa_key(const json& of) {
  const std::string modulus = bytes_member(of, "n");
  const std::string exponent = bytes_member(of, "e");
  if (modulus.empty() || exponent.empty() || modulus.size() > 2048) return nullptr;
  const number_ptr n(BN_bin2bn(bytes_of(modulus), static_cast<int>(modulus.size()), nullptr));
  const number_ptr e(BN_bin2bn(bytes_of(exponent), static_cast<int>(exponent.size()), nullptr));
  const std::unique_ptr<OSSL_PARAM_BLD, freed<&OSSL_PARAM_BLD_free>> parts(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return made_of("RSA", parts.get());
}

key_ptr ec_key(const json& of) {
  const std::string curve = text_member(of, "crv");
  const char* const group = curve == "P-256"   ? "prime256v1"
                            : curve == "P-384" ? "secp384r1"
                            : curve == "P-521" ? "secp521r1"
                                               : nullptr;
  const std::size_t size = curve == "P-256" ? 32 : curve == "P-384" ? 48 : 66;
  const std::string x = bytes_member(of, "x");
  const std::string y = bytes_member(of, "y");
  if (group == nullptr || x.size() != size || y.size() != size) return nullptr;
  const std::string point = "\x04" + x + y;
  const std::unique_ptr<OSSL_PARAM_BLD, freed<&OSSL_PARAM_BLD_free>> parts(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
  OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return made_of("EC", parts.get());
}

key_ptr edwards_key(const json& of) {
  const std::string x = bytes_member(of, "x");
  if (text_member(of, "crv") != "Ed25519" || x.size() != 32) return nullptr;
  return key_ptr(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()));
}

}  // namespace

std::vector<verification_key> keys_of_set(std::string_view jwks) {
  const json set = json::parse(jwks, nullptr, false);
  const auto list = set.is_object() ? set.find("keys") : set.end();
  if (!set.is_object() || list == set.end() || !list->is_array()) {
    throw std::invalid_argument("jwt_bearer: jwks_file holds no JSON Web Key Set");
  }
  std::vector<verification_key> keys;
  for (const json& one : *list) {
    if (!one.is_object()) continue;
    const std::string use = text_member(one, "use");
    if (!use.empty() && use != "sig") continue;
    auto material = std::make_unique<verification_key::material>();
    const std::string type = text_member(one, "kty");
    if (type == "oct") material->secret = bytes_member(one, "k");
    if (type == "RSA") material->public_key = rsa_key(one);
    if (type == "EC") material->public_key = ec_key(one);
    if (type == "OKP") material->public_key = edwards_key(one);
    if (material->secret.empty() && material->public_key == nullptr) continue;
    std::vector<std::string> algorithms;
    if (std::string name = text_member(one, "alg"); !name.empty()) {
      if (find_algorithm(name) == nullptr) continue;  // for something else
      algorithms.push_back(std::move(name));
    }
    keys.push_back(verification_key(text_member(one, "kid"), std::move(algorithms), std::move(material)));
  }
  if (keys.empty())
    throw std::invalid_argument("jwt_bearer: jwks_file holds no key that signatures can be checked with");
  return keys;
}

}  // namespace hubbub::inline v0
