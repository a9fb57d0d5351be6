// The authentication hook: which token a request carries, which key checks it, and what is remembered of that.
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "auth/jwt_keys.hpp"
#include "auth/jwt_token.hpp"
#include "http/http_text.hpp"
#include "hubbub/core/shard.hpp"
#include "hubbub/jwt.hpp"
#include "websocket/websocket_handshake.hpp"

namespace hubbub::inline v0 {
namespace {

using keys = std::vector<verification_key>;
using steady = std::chrono::steady_clock;

constexpr std::size_t most_shards = 256;
constexpr std::size_t most_resolved = 1000;
constexpr auto resolved_for = std::chrono::minutes(10);
constexpr auto unknown_for = std::chrono::minutes(1);
constexpr auto file_checked_every = std::chrono::seconds(1);

// When the file was changed last; nothing when it is not there.
std::optional<std::pair<std::int64_t, std::int64_t>> stamp_of(const std::string& path) noexcept {
  struct stat seen {};
  if (::stat(path.c_str(), &seen) != 0) return std::nullopt;
  return std::pair(static_cast<std::int64_t>(seen.st_mtim.tv_sec) * 1'000'000'000 + seen.st_mtim.tv_nsec,
                   static_cast<std::int64_t>(seen.st_size));
}

keys read_set(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), "jwt_bearer: cannot read jwks_file " + path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return keys_of_set(text);
}

// The token of a request; nothing: it carries none. A header goes first, whatever it holds.
std::optional<std::string> token_of(const request& asked, query_token from_query) {
  if (const auto header = asked.header("Authorization")) {
    constexpr std::string_view scheme = "bearer";
    if (header->size() > scheme.size() && equals_ignoring_case(header->substr(0, scheme.size()), scheme) &&
        (*header)[scheme.size()] == ' ') {
      if (asked.header_count("Authorization") > 1) return std::string();  // which of them? none
      return std::string(http_text::trimmed(header->substr(scheme.size() + 1)));
    }
  }
  if (from_query == query_token::never) return std::nullopt;
  const bool suits = from_query == query_token::any ||
                     (asked.method() == "GET" &&
                      (asks_for_websocket(asked) || http_text::list_has(asked.headers("Accept"), "text/event-stream")));
  if (!suits || asked.query_count("access_token") != 1) return std::nullopt;
  auto token = asked.query("access_token");
  return token && !token->empty() ? token : std::nullopt;
}

}  // namespace

/// Keys are shared by all shards behind a short lock; verified tokens are remembered per shard.
class jwt_authentication::state {
 public:
  explicit state(jwt_options wanted) : options(std::move(wanted)) {
    if (!options.hs256.empty()) {
      fixed_.emplace_back(jwt_key{.algorithms = {"HS256"}, .secret = options.hs256});
    }
    for (const jwt_key& one : options.keys) fixed_.emplace_back(one);
    if (!options.jwks_file.empty()) {
      set_stamp_ = stamp_of(options.jwks_file);
      set_ = std::make_shared<const keys>(read_set(options.jwks_file));
    }
    if (fixed_.empty() && set_ == nullptr && !options.resolve_key) {
      throw std::invalid_argument("jwt_bearer: there is no key; give hs256, keys, jwks_file or resolve_key");
    }
    if (options.tolerance < std::chrono::seconds(0) || options.tolerance > std::chrono::hours(1)) {
      throw std::invalid_argument("jwt_bearer: tolerance is " + std::to_string(options.tolerance.count()) +
                                  " s; it must be between 0 and an hour");
    }
    if (options.max_token < 64 || options.max_token > 1024 * 1024) {
      throw std::invalid_argument("jwt_bearer: max_token is " + std::to_string(options.max_token) +
                                  "; it must be between 64 and 1048576");
    }
  }

  [[nodiscard]] std::chrono::system_clock::time_point now() const {
    return options.now ? options.now() : std::chrono::system_clock::now();
  }

  // ------------------------------------------------------------------------------------------- verified tokens

  [[nodiscard]] std::shared_ptr<const principal> remembered(const std::string& token) {
    cache* const here = cache_here();
    if (here == nullptr) return nullptr;
    const auto found = here->tokens.find(token);
    if (found == here->tokens.end()) return nullptr;
    const auto expires = found->second->expires_at();
    if (expires && *expires != std::chrono::system_clock::time_point::max() && now() > *expires + options.tolerance) {
      here->tokens.erase(found);
      return nullptr;
    }
    return found->second;
  }

  void remember(const std::string& token, const std::shared_ptr<const principal>& who) {
    cache* const here = cache_here();
    if (here == nullptr) return;
    if (here->tokens.size() >= options.cached_tokens) here->tokens.clear();  // simple, and rare
    here->tokens.emplace(token, who);
  }

  // ------------------------------------------------------------------------------------------------------ keys

  // True when a key that is at hand has signed it. `asks`: a key that is not known might have.
  [[nodiscard]] bool signed_by_known(const jwt_token& token, bool& asks) {
    bool named = false;
    const auto check = [&](const keys& all) {
      for (const verification_key& one : all) {
        if (!one.kid().empty() && !token.kid.empty() && one.kid() != token.kid) continue;
        named = named || (!token.kid.empty() && one.kid() == token.kid);
        if (one.allows(token.algorithm) && one.verify(token.algorithm, token.signed_text, token.signature)) return true;
      }
      return false;
    };
    if (check(fixed_)) return true;
    if (const auto set = current_set(); set != nullptr && check(*set)) return true;
    asks = options.resolve_key != nullptr && !named && !token.kid.empty() && token.kid.size() <= 256;
    return false;
  }

  struct resolution {
    bool known = false;  // whether it is a key or not
    std::shared_ptr<const verification_key> key;
  };
  [[nodiscard]] resolution resolved(const std::string& kid) {
    const std::lock_guard lock(mutex_);
    const auto found = resolved_.find(kid);
    if (found == resolved_.end() || steady::now() > found->second.until) return {};
    return {true, found->second.key};
  }
  std::shared_ptr<const verification_key> note(const std::string& kid, std::optional<jwt_key> given) {
    std::shared_ptr<const verification_key> key;
    if (given) {
      if (given->kid.empty()) given->kid = kid;
      key = std::make_shared<const verification_key>(*given);
    }
    const std::lock_guard lock(mutex_);
    if (resolved_.size() >= most_resolved) resolved_.clear();
    resolved_[kid] = {key, steady::now() + (key != nullptr ? resolved_for : unknown_for)};
    return key;
  }

  const jwt_options options;

 private:
  struct cache {
    std::unordered_map<std::string, std::shared_ptr<const principal>> tokens;
    const keys* of = nullptr;  // the set they were checked with
  };
  struct answer {
    std::shared_ptr<const verification_key> key;
    steady::time_point until;
  };

  // Each shard touches its own only.
  [[nodiscard]] cache* cache_here() {
    const shard* const here = shard::current();
    if (options.cached_tokens == 0 || here == nullptr || here->index() >= most_shards) return nullptr;
    auto& mine = caches_[here->index()];
    if (mine == nullptr) mine = std::make_unique<cache>();
    const auto set = current_set();
    if (mine->of != set.get()) {  // a key may have been withdrawn
      mine->tokens.clear();
      mine->of = set.get();
    }
    return mine.get();
  }

  // The key set, read again when its file has changed; one that cannot be read leaves the last good one.
  [[nodiscard]] std::shared_ptr<const keys> current_set() {
    if (options.jwks_file.empty()) return nullptr;
    const std::lock_guard lock(mutex_);
    const auto time = steady::now();
    if (time < set_checked_ + file_checked_every) return set_;
    set_checked_ = time;
    const auto stamp = stamp_of(options.jwks_file);
    if (!stamp || stamp == set_stamp_) return set_;
    set_stamp_ = stamp;
    try {
      set_ = std::make_shared<const keys>(read_set(options.jwks_file));
    } catch (const std::exception& error) {
      if (shard* const here = shard::current()) {
        here->log().write(log_level::error, "jwt", std::string(error.what()) + "; the keys read before stay in use");
      }
    }
    return set_;
  }

  keys fixed_;
  std::mutex mutex_;  // of what follows; held for look-ups, and while a changed file is read
  std::shared_ptr<const keys> set_;
  std::optional<std::pair<std::int64_t, std::int64_t>> set_stamp_;
  steady::time_point set_checked_{};
  std::map<std::string, answer> resolved_;
  std::array<std::unique_ptr<cache>, most_shards> caches_;
};

task<auth_result> jwt_authentication::operator()(const request& asked) const {
  const std::shared_ptr<state> shared = state_;
  const auto text = token_of(asked, shared->options.from_query);
  if (!text) co_return auth_result::anonymous();
  if (text->size() > shared->options.max_token) co_return auth_result::challenge();
  if (auto known = shared->remembered(*text)) co_return auth_result::user(std::move(known));

  const auto token = read_jwt(*text);
  if (!token) co_return auth_result::challenge();
  bool asks = false;
  bool good = shared->signed_by_known(*token, asks);
  if (!good && asks) {
    auto found = shared->resolved(token->kid);
    if (!found.known) {
      std::optional<jwt_key> given = co_await shared->options.resolve_key(token->kid);
      found.key = shared->note(token->kid, std::move(given));
    }
    good = found.key != nullptr && found.key->allows(token->algorithm) &&
           found.key->verify(token->algorithm, token->signed_text, token->signature);
  }
  if (!good) co_return auth_result::challenge();
  auto who = read_claims(token->payload, shared->options, shared->now());
  if (!who) co_return auth_result::challenge();
  auto user = std::make_shared<const principal>(std::move(*who));
  shared->remember(*text, user);
  co_return auth_result::user(std::move(user));
}

jwt_authentication jwt_bearer(jwt_options options) {
  return jwt_authentication(std::make_shared<jwt_authentication::state>(std::move(options)));
}

}  // namespace hubbub::inline v0
