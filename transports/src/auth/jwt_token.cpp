// Reading tokens and judging claims.
#include "auth/jwt_token.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "hubbub/core/base64.hpp"

namespace hubbub::inline v0 {
namespace {

using nlohmann::json;
using time_of_day = std::chrono::system_clock::time_point;

constexpr std::size_t deepest = 16;  // of objects and arrays

// An object without ambiguity: no member twice at the top, no nesting that only an attacker would send.
std::optional<json> read_object(std::string_view encoded) {
  const auto text = base64url_decoded(encoded);
  if (!text) return std::nullopt;
  std::set<std::string> names;
  bool good = true;
  const auto look = [&](int depth, json::parse_event_t event, json& parsed) {
    if (static_cast<std::size_t>(depth) > deepest) good = false;
    if (event == json::parse_event_t::key && depth == 1 && !names.insert(parsed.get<std::string>()).second)
      good = false;
    return good;
  };
  json value = json::parse(*text, look, false);
  if (!good || !value.is_object()) return std::nullopt;
  return value;
}

// NumericDate: seconds, perhaps with a fraction. Beyond four-digit years it is taken as "far away".
std::optional<time_of_day> read_date(const json& value) {
  if (!value.is_number()) return std::nullopt;
  const double seconds = value.get<double>();
  if (!std::isfinite(seconds)) return std::nullopt;
  constexpr double far_away = 253'402'300'799.0;
  const auto whole = static_cast<std::int64_t>(std::floor(std::clamp(seconds, -far_away, far_away)));
  if (whole > 9'000'000'000) return time_of_day::max();
  if (whole < 0) return time_of_day();
  return time_of_day(std::chrono::seconds(whole));
}

bool is_one_of(const std::vector<std::string>& allowed, const json& value) {
  if (value.is_string()) return std::find(allowed.begin(), allowed.end(), value.get<std::string>()) != allowed.end();
  return value.is_array() && std::any_of(value.begin(), value.end(),
                                         [&](const json& one) { return one.is_string() && is_one_of(allowed, one); });
}

std::string text_of(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

}  // namespace

std::optional<jwt_token> read_jwt(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  auto signature = base64url_decoded(text.substr(second + 1));
  const auto head = read_object(text.substr(0, first));
  if (!signature || !head || head->contains("crit")) return std::nullopt;
  const auto algorithm = head->find("alg");
  if (algorithm == head->end() || !algorithm->is_string()) return std::nullopt;
  const auto kid = head->find("kid");
  if (kid != head->end() && !kid->is_string()) return std::nullopt;
  return jwt_token{algorithm->get<std::string>(), kid == head->end() ? std::string() : kid->get<std::string>(),
                   text.substr(0, second), std::move(*signature), text.substr(first + 1, second - first - 1)};
}

std::optional<principal> read_claims(std::string_view payload, const jwt_options& options, time_of_day now) {
  const auto claims = read_object(payload);
  if (!claims) return std::nullopt;
  const auto member = [&](const char* name) -> const json* {
    const auto found = claims->find(name);
    return found == claims->end() ? nullptr : &*found;
  };
  const json* const exp = member("exp");
  const auto expires = exp == nullptr ? std::nullopt : read_date(*exp);
  if (!expires || (*expires != time_of_day::max() && now > *expires + options.tolerance)) return std::nullopt;
  if (const json* nbf = member("nbf")) {
    const auto begins = read_date(*nbf);
    if (!begins || *begins == time_of_day::max() || now + options.tolerance < *begins) return std::nullopt;
  }
  const json* const issuer = member("iss");
  if (!options.issuers.empty() && (issuer == nullptr || !issuer->is_string() || !is_one_of(options.issuers, *issuer))) {
    return std::nullopt;
  }
  const json* const audience = member("aud");
  if (!options.audiences.empty() && (audience == nullptr || !is_one_of(options.audiences, *audience)))
    return std::nullopt;

  std::vector<principal::claim> all;
  for (const auto& [name, value] : claims->items()) {
    if (!value.is_array()) {
      all.emplace_back(name, text_of(value));
      continue;
    }
    for (const json& one : value) all.emplace_back(name, text_of(one));
  }
  return principal(std::move(all), *expires);
}

}  // namespace hubbub::inline v0
