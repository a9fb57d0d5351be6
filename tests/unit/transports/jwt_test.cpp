// Tokens that are taken and those that are not: algorithms, keys, claims, where they are carried, and what is never
// said of them in the log.
#include "hubbub/jwt.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/jwt_keys.hpp"
#include "auth/jwt_token.hpp"
#include "hubbub/core/base64.hpp"
#include "hubbub/core/shard.hpp"
#include "support/recording_logger.hpp"

namespace {

using namespace hubbub;
using namespace std::chrono_literals;
using nlohmann::json;

const std::string secret = "a secret of at least sixty-four bytes, so that all of HS256 to HS512 may use it";
constexpr auto noon = std::chrono::system_clock::time_point(std::chrono::seconds(1'900'000'000));
constexpr long long noon_seconds = 1'900'000'000;

std::string hmac(const EVP_MD* digest, const std::string& key, const std::string& text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), out, &size);
  return {reinterpret_cast<char*>(out), size};
}

// A private key of a test, and how it signs.
class signer {
 public:
  explicit signer(const char* kind) : kind_(kind) {
    if (kind_ == "RSA") key_ = shared(EVP_RSA_gen(2048));
    if (kind_ == "EC") key_ = shared(EVP_EC_gen("prime256v1"));
    if (kind_ == "Ed25519") key_ = shared(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  [[nodiscard]] std::string pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key_.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
  }
  [[nodiscard]] std::string sign(const std::string& text, bool pss = false) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* options = nullptr;
    EVP_DigestSignInit(context, &options, kind_ == "Ed25519" ? nullptr : EVP_sha256(), nullptr, key_.get());
    if (pss) {
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
    }
    std::size_t size = 1024;
    std::string out(size, '\0');
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(context);
    out.resize(size);
    return kind_ == "EC" ? raw_signature(out) : out;
  }

 private:
  // ECDSA as tokens have it: r and s, 32 bytes each.
  static std::string raw_signature(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* parts = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string raw(64, '\0');
    auto* to = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(parts), to, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(parts), to + 32, 32);
    ECDSA_SIG_free(parts);
    return raw;
  }
  static std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* made) { return {made, &EVP_PKEY_free}; }

  std::string kind_;
  std::shared_ptr<EVP_PKEY> key_;
};

std::string unsigned_token(const json& head, const json& claims) {
  return base64url_encoded(head.dump()) + "." + base64url_encoded(claims.dump());
}
std::string with_signature(const std::string& text, const std::string& signature) {
  return text + "." + base64url_encoded(signature);
}
json valid_claims() { return {{"sub", "ann"}, {"exp", noon_seconds + 60}}; }
std::string hs256(const json& claims, const json& head = {{"alg", "HS256"}, {"typ", "JWT"}}) {
  const std::string text = unsigned_token(head, claims);
  return with_signature(text, hmac(EVP_sha256(), secret, text));
}

class jwt_tokens : public testing::Test {
 protected:
  // Asks the hook on a shard, as a server does.
  auth_result ask(const jwt_authentication& hook, const request& by) {
    auto answer = spawn(home, hook(by));
    while (answer.wait_for(0s) != std::future_status::ready) home.poll();
    return answer.get();
  }
  auth_result ask(const jwt_authentication& hook, const std::string& token) {
    request by;
    by.set_line("POST", "/hub", 11);
    by.add_header("Authorization", "Bearer " + token);
    return ask(hook, by);
  }
  static jwt_options at_noon(jwt_options options) {
    options.now = [] { return noon; };
    return options;
  }
  bool takes(const jwt_options& options, const std::string& token) {
    return ask(jwt_bearer(at_noon(options)), token).what() == auth_result::kind::user;
  }
  std::shared_ptr<hubbub_test::recording_logger> log =
      std::make_shared<hubbub_test::recording_logger>(log_level::trace);
  shard home{shard_settings{.log = log}};
};

TEST_F(jwt_tokens, of_a_known_user_bring_all_claims) {
  const json claims = {
      {"sub", "ann"}, {"exp", noon_seconds + 60}, {"role", {"admin", "staff"}}, {"level", 3}, {"on", true}};

  const auth_result got = ask(jwt_bearer(at_noon({.hs256 = secret})), hs256(claims));

  ASSERT_EQ(got.what(), auth_result::kind::user);
  EXPECT_EQ(got.who()->find("sub"), "ann");
  EXPECT_TRUE(got.who()->in_role("admin"));
  EXPECT_TRUE(got.who()->in_role("staff"));
  EXPECT_EQ(got.who()->find("level"), "3");
  EXPECT_EQ(got.who()->find("on"), "true");
  EXPECT_EQ(got.who()->expires_at(), noon + 60s);
}

TEST_F(jwt_tokens, may_be_signed_by_each_algorithm) {
  const signer rsa("RSA");
  const signer ec("EC");
  const signer edwards("Ed25519");
  const auto text = [](const char* algorithm) { return unsigned_token({{"alg", algorithm}}, valid_claims()); };
  const jwt_options all{.keys = {{.secret = secret}, {.pem = rsa.pem()}, {.pem = ec.pem()}, {.pem = edwards.pem()}}};

  EXPECT_TRUE(takes(all, with_signature(text("HS256"), hmac(EVP_sha256(), secret, text("HS256")))));
  EXPECT_TRUE(takes(all, with_signature(text("HS384"), hmac(EVP_sha384(), secret, text("HS384")))));
  EXPECT_TRUE(takes(all, with_signature(text("HS512"), hmac(EVP_sha512(), secret, text("HS512")))));
  EXPECT_TRUE(takes(all, with_signature(text("RS256"), rsa.sign(text("RS256")))));
  EXPECT_TRUE(takes(all, with_signature(text("PS256"), rsa.sign(text("PS256"), true))));
  EXPECT_TRUE(takes(all, with_signature(text("ES256"), ec.sign(text("ES256")))));
  EXPECT_TRUE(takes(all, with_signature(text("EdDSA"), edwards.sign(text("EdDSA")))));
  EXPECT_FALSE(takes(all, with_signature(text("PS256"), rsa.sign(text("PS256")))));
  EXPECT_FALSE(takes(all, with_signature(text("ES256"), rsa.sign(text("ES256")))));
  EXPECT_FALSE(takes(all, with_signature(text("ES256"), std::string(64, '\0'))));
}

TEST_F(jwt_tokens, are_refused_when_one_byte_of_them_differs) {
  const jwt_authentication hook = jwt_bearer(at_noon({.hs256 = secret}));
  const std::string good = hs256(valid_claims());
  ASSERT_EQ(ask(hook, good).what(), auth_result::kind::user);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(ask(hook, bad).what(), auth_result::kind::user) << "byte " << i;
  }
  for (std::size_t size = 1; size < good.size(); ++size) {
    EXPECT_EQ(ask(hook, good.substr(0, size)).what(), auth_result::kind::challenge) << size << " bytes";
  }
}

TEST_F(jwt_tokens, without_a_signature_or_with_a_public_key_as_secret_are_refused) {
  const signer rsa("RSA");
  const jwt_options options{.keys = {{.pem = rsa.pem()}}};
  const std::string none = unsigned_token({{"alg", "none"}}, valid_claims());
  const std::string confused = unsigned_token({{"alg", "HS256"}}, valid_claims());

  EXPECT_FALSE(takes(options, none + "."));
  EXPECT_FALSE(takes(options, with_signature(none, rsa.sign(none))));
  EXPECT_FALSE(takes(options, with_signature(confused, hmac(EVP_sha256(), rsa.pem(), confused))));
}

TEST_F(jwt_tokens, are_for_the_algorithms_their_key_lists) {
  const jwt_options only_512{.keys = {{.algorithms = {"HS512"}, .secret = secret}}};

  EXPECT_FALSE(takes(only_512, hs256(valid_claims())));
}

TEST_F(jwt_tokens, are_judged_by_their_times) {
  const jwt_options options{.hs256 = secret};
  const auto with = [](const char* name, const json& value) {
    json claims = valid_claims();
    claims[name] = value;
    return hs256(claims);
  };

  EXPECT_FALSE(takes(options, hs256({{"sub", "ann"}})));  // exp is required
  EXPECT_FALSE(takes(options, with("exp", "1900000060")));
  EXPECT_FALSE(takes(options, with("exp", noon_seconds - 6)));
  EXPECT_TRUE(takes(options, with("exp", noon_seconds - 5)));
  EXPECT_TRUE(takes(options, with("exp", 1e300)));
  EXPECT_FALSE(takes(options, with("exp", -1e300)));
  EXPECT_FALSE(takes(options, with("nbf", noon_seconds + 6)));
  EXPECT_TRUE(takes(options, with("nbf", noon_seconds + 5)));
  EXPECT_FALSE(takes(options, with("nbf", "soon")));
}

TEST_F(jwt_tokens, are_for_the_audience_and_from_the_issuer_that_are_named) {
  const jwt_options options{.hs256 = secret, .issuers = {"us", "friends"}, .audiences = {"hubs"}};
  const auto with = [](const json& issuer, const json& audience) {
    json claims = valid_claims();
    claims["iss"] = issuer;
    claims["aud"] = audience;
    return hs256(claims);
  };

  EXPECT_TRUE(takes(options, with("us", "hubs")));
  EXPECT_TRUE(takes(options, with("friends", {"others", "hubs"})));
  EXPECT_FALSE(takes(options, with("us", "others")));
  EXPECT_FALSE(takes(options, with("them", "hubs")));
  EXPECT_FALSE(takes(options, with({"us"}, "hubs")));
  EXPECT_FALSE(takes(options, hs256(valid_claims())));
}

TEST_F(jwt_tokens, with_odd_heads_are_refused) {
  const jwt_options options{.hs256 = secret};
  const auto signed_text = [](const std::string& head, const std::string& claims) {
    const std::string text = base64url_encoded(head) + "." + base64url_encoded(claims);
    return with_signature(text, hmac(EVP_sha256(), secret, text));
  };
  const std::string claims = valid_claims().dump();

  EXPECT_TRUE(takes(options, signed_text(R"({"alg":"HS256"})", claims)));
  EXPECT_FALSE(takes(options, signed_text(R"({"alg":"HS256","crit":["b64"]})", claims)));
  EXPECT_FALSE(takes(options, signed_text(R"({"alg":"none","alg":"HS256"})", claims)));
  EXPECT_FALSE(takes(options, signed_text(R"({"alg":["HS256"]})", claims)));
  EXPECT_FALSE(takes(options, signed_text(R"({"alg":"HS256","kid":7})", claims)));
  EXPECT_FALSE(takes(options, signed_text("[]", claims)));
  EXPECT_FALSE(takes(options, signed_text(R"({"alg":"HS256"})", R"({"sub":"a","sub":"b","exp":1900000060})")));
  EXPECT_FALSE(takes(options, signed_text(R"({"alg":"HS256"})", R"({"exp":1900000060,"x":)" + std::string(500, '[') +
                                                                    std::string(500, ']') + "}")));
}

TEST_F(jwt_tokens, name_the_key_that_checks_them) {
  const std::string other(64, 'o');
  const jwt_options options{.keys = {{.kid = "old", .secret = other}, {.kid = "new", .secret = secret}}};

  EXPECT_TRUE(takes(options, hs256(valid_claims(), {{"alg", "HS256"}, {"kid", "new"}})));
  EXPECT_FALSE(takes(options, hs256(valid_claims(), {{"alg", "HS256"}, {"kid", "old"}})));
  EXPECT_FALSE(takes(options, hs256(valid_claims(), {{"alg", "HS256"}, {"kid", "third"}})));
  EXPECT_TRUE(takes(options, hs256(valid_claims())));
}

TEST_F(jwt_tokens, that_are_too_long_are_not_read) {
  json claims = valid_claims();
  claims["pad"] = std::string(20'000, 'x');

  EXPECT_FALSE(takes({.hs256 = secret}, hs256(claims)));
  EXPECT_TRUE(takes({.hs256 = secret, .max_token = 64 * 1024}, hs256(claims)));
}

TEST_F(jwt_tokens, are_looked_for_where_signalr_clients_put_them) {
  const std::string good = hs256(valid_claims());
  const auto asked = [&](const char* method, std::vector<std::pair<std::string, std::string>> headers, bool query) {
    request by;
    by.set_line(method, query ? "/hub?access_token=" + good : "/hub", 11);
    for (const auto& [name, value] : headers) by.add_header(name, value);
    return by;
  };
  const auto with = [&](query_token from, const request& by) {
    return ask(jwt_bearer(at_noon({.hs256 = secret, .from_query = from})), by).what();
  };
  const request websocket = asked("GET", {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}}, true);
  const request events = asked("GET", {{"Accept", "text/event-stream"}}, true);
  const request poll = asked("GET", {}, true);
  const request post = asked("POST", {}, true);
  using kind = auth_result::kind;

  EXPECT_EQ(with(query_token::get, websocket), kind::user);
  EXPECT_EQ(with(query_token::get, events), kind::user);
  EXPECT_EQ(with(query_token::get, poll), kind::anonymous);
  EXPECT_EQ(with(query_token::get, post), kind::anonymous);
  EXPECT_EQ(with(query_token::any, post), kind::user);
  EXPECT_EQ(with(query_token::never, websocket), kind::anonymous);
  EXPECT_EQ(with(query_token::any, asked("GET", {{"Authorization", "Bearer wrong"}}, true)), kind::challenge);
  EXPECT_EQ(with(query_token::any, asked("GET", {{"Authorization", "Basic YTpi"}}, false)), kind::anonymous);
  EXPECT_EQ(with(query_token::get, asked("GET", {{"authorization", "bearer " + good}}, false)), kind::user);
  EXPECT_EQ(
      with(query_token::get, asked("GET", {{"Authorization", "Bearer " + good}, {"Authorization", "Bearer x"}}, false)),
      kind::challenge);
}

TEST_F(jwt_tokens, may_be_checked_with_a_key_that_is_asked_for) {
  int asked = 0;
  jwt_options options{.resolve_key = [&asked](std::string kid) -> task<std::optional<jwt_key>> {
    ++asked;
    if (kid != "k1") co_return std::nullopt;
    co_return jwt_key{.secret = secret};
  }};
  options.cached_tokens = 0;
  const jwt_authentication hook = jwt_bearer(at_noon(options));
  const std::string known = hs256(valid_claims(), {{"alg", "HS256"}, {"kid", "k1"}});
  const std::string unknown = hs256(valid_claims(), {{"alg", "HS256"}, {"kid", "k2"}});

  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask(hook, known).what(), auth_result::kind::user);
    EXPECT_EQ(ask(hook, unknown).what(), auth_result::kind::challenge);
  }

  EXPECT_EQ(asked, 2);
}

TEST_F(jwt_tokens, are_remembered_until_they_expire) {
  auto time = std::make_shared<std::chrono::system_clock::time_point>(noon);
  jwt_options options{.hs256 = secret};
  options.now = [time] { return *time; };
  const jwt_authentication hook = jwt_bearer(options);
  const std::string good = hs256(valid_claims());

  const auth_result first = ask(hook, good);
  const auth_result second = ask(hook, good);
  *time = noon + 66s;

  EXPECT_EQ(first.who(), second.who());
  EXPECT_EQ(ask(hook, good).what(), auth_result::kind::challenge);
}

TEST_F(jwt_tokens, are_checked_with_the_keys_of_a_set) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("hubbub-jwks-" + std::to_string(::getpid()))).string();
  const auto write = [&](const json& set) { std::ofstream(path) << set.dump(); };
  write({{"keys", {{{"kty", "oct"}, {"kid", "k1"}, {"alg", "HS256"}, {"k", base64url_encoded(secret)}}}}});

  EXPECT_TRUE(takes({.jwks_file = path}, hs256(valid_claims(), {{"alg", "HS256"}, {"kid", "k1"}})));
  EXPECT_FALSE(takes({.jwks_file = path}, hs256(valid_claims(), {{"alg", "HS256"}, {"kid", "k2"}})));

  write({{"keys", json::array()}});
  EXPECT_THROW(std::ignore = jwt_bearer({.jwks_file = path}), std::invalid_argument);
  std::filesystem::remove(path);
  EXPECT_THROW(std::ignore = jwt_bearer({.jwks_file = path}), std::system_error);
}

// RFC 7515 A.3 and RFC 8037 A.4: keys and signatures that others have made.
TEST(jwt_key_sets, check_signatures_of_the_standards_examples) {
  const auto ec = keys_of_set(
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
  const auto edwards =
      keys_of_set(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");

  EXPECT_TRUE(ec.front().verify(
      "ES256",
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
      *base64url_decoded("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")));
  EXPECT_TRUE(edwards.front().verify(
      "EdDSA", "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
      *base64url_decoded("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")));
}

TEST_F(jwt_tokens, are_never_logged) {
  const jwt_authentication hook = jwt_bearer(at_noon({.hs256 = secret}));
  const std::string good = hs256(valid_claims());
  std::ignore = ask(hook, good);
  std::ignore = ask(hook, good + "x");
  std::ignore = ask(hook, good.substr(0, good.size() - 4));

  EXPECT_EQ(log->count(good.substr(0, 40)), 0u);
}

TEST(jwt_options_that_are_wrong, throw_with_their_name) {
  const auto message = [](jwt_options options) -> std::string {
    try {
      std::ignore = jwt_bearer(std::move(options));
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "nothing";
  };

  EXPECT_NE(message({}).find("there is no key"), std::string::npos);
  EXPECT_NE(message({.hs256 = "too short"}).find("HS256 does not fit a secret of 9 bytes"), std::string::npos);
  EXPECT_NE(message({.keys = {{.kid = "a"}}}).find("key 'a': exactly one of"), std::string::npos);
  EXPECT_NE(message({.keys = {{.pem = "no pem"}}}).find("holds no public key"), std::string::npos);
  EXPECT_NE(message({.keys = {{.algorithms = {"XX"}, .secret = secret}}}).find("'XX' is not known"), std::string::npos);
  EXPECT_NE(message({.keys = {{.algorithms = {"none"}, .secret = secret}}}).find("'none' is not known"),
            std::string::npos);
  EXPECT_NE(message({.hs256 = secret, .tolerance = std::chrono::hours(2)}).find("tolerance"), std::string::npos);
  EXPECT_NE(message({.hs256 = secret, .max_token = 1}).find("max_token"), std::string::npos);
}

}  // namespace
