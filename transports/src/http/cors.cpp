// Origins compared, preflights answered. What a browser of a foreign origin may see is decided here and nowhere else.
#include "http/cors.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace hubbub::inline v0 {

namespace {

struct origin_parts {
  std::string_view scheme;
  std::string_view host;
  std::string_view port;  // empty: the scheme's own
};

// Cuts `host:port`; brackets of an IPv6 address stay with the host.
origin_parts split_authority(std::string_view scheme, std::string_view authority) noexcept {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (!has_port) return {scheme, authority, {}};
  return {scheme, authority.substr(0, colon), authority.substr(colon + 1)};
}

// Nothing in `host` when it is no origin (`null` and the empty text among them).
origin_parts split_origin(std::string_view origin) noexcept {
  const std::size_t mark = origin.find("://");
  if (mark == std::string_view::npos || mark == 0) return {};
  return split_authority(origin.substr(0, mark), origin.substr(mark + 3));
}

std::string_view default_port(std::string_view scheme) noexcept {
  if (equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "ws")) return "80";
  if (equals_ignoring_case(scheme, "https") || equals_ignoring_case(scheme, "wss")) return "443";
  return "";
}

bool is_same_origin(std::string_view left_text, std::string_view right_text) noexcept {
  const origin_parts left = split_origin(left_text);
  const origin_parts right = split_origin(right_text);
  const auto port = [](const origin_parts& one) { return one.port.empty() ? default_port(one.scheme) : one.port; };
  return !left.host.empty() && equals_ignoring_case(left.scheme, right.scheme) &&
         equals_ignoring_case(left.host, right.host) && port(left) == port(right);
}

// The origin a request tells. Two are one too many: nobody can say which page it was, so it is none that may do
// anything.
std::optional<std::string_view> origin_of(const request& asked) noexcept {
  return asked.header_count("Origin") > 1 ? std::string_view() : asked.header("Origin");
}

bool is_web_port(std::string_view port) noexcept { return port.empty() || port == "80" || port == "443"; }

}  // namespace

bool is_same_host(std::string_view origin, std::string_view host) noexcept {
  const origin_parts page = split_origin(origin);
  const origin_parts here = split_authority({}, host);
  if (page.host.empty() || !equals_ignoring_case(page.host, here.host)) return false;
  if (page.port == here.port) return true;
  // One of them leaves its port out: behind a proxy that ends TLS the scheme, and so the default, is not ours to know.
  return (page.port.empty() || here.port.empty()) && is_web_port(page.port) && is_web_port(here.port);
}

origin_policy::origin_policy(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {
  for (const std::string& origin : allowed_) {
    if (origin == "*") {
      any_ = true;
      continue;
    }
    const origin_parts parts = split_origin(origin);
    const bool port_is_number =
        std::all_of(parts.port.begin(), parts.port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (parts.host.empty() || !port_is_number || origin.ends_with(':') ||
        parts.host.find_first_of("/?#@ *\t\r\n") != std::string_view::npos) {
      throw std::invalid_argument("allowed_origins: '" + origin +
                                  "' is not an origin such as 'https://app.example' (no path, no trailing slash)");
    }
  }
}

origin_policy origin_policy::any() {
  origin_policy everyone;
  everyone.any_ = true;
  return everyone;
}

bool origin_policy::allows(const request& asked, std::string_view host) const noexcept {
  const auto origin = origin_of(asked);
  if (!origin) return true;  // not a browser, or a page of our own
  if (host.empty()) host = asked.header("Host").value_or("");
  return shares_with(*origin) || is_same_host(*origin, host);
}

bool origin_policy::shares_with(const request& asked) const noexcept {
  const auto origin = origin_of(asked);
  return !origin || shares_with(*origin);
}

bool origin_policy::shares_with(std::string_view origin) const noexcept {
  if (origin.empty()) return false;
  return any_ || std::any_of(allowed_.begin(), allowed_.end(),
                             [&](const std::string& one) { return is_same_origin(one, origin); });
}

bool origin_policy::is_preflight(const request& asked) noexcept {
  return asked.method() == "OPTIONS" && asked.header("Origin") && asked.header("Access-Control-Request-Method");
}

response origin_policy::preflight(const request& asked) const {
  response answer;
  answer.status = 204;
  answer.content_type.clear();
  add_headers(asked, answer);
  if (!shares_with(origin_of(asked).value_or(""))) return answer;
  const auto echo = [&](std::string_view wanted, std::string name) {
    if (const std::string value = asked.headers(wanted); !value.empty()) {
      answer.headers.emplace_back(std::move(name), value);
    }
  };
  echo("Access-Control-Request-Method", "Access-Control-Allow-Methods");
  echo("Access-Control-Request-Headers", "Access-Control-Allow-Headers");
  return answer;
}

void origin_policy::add_headers(const request& asked, response& answer) const {
  if (allowed_.empty() && !any_) return;  // no answer depends on the origin
  answer.headers.emplace_back("Vary", "Origin");
  const auto origin = origin_of(asked);
  if (!origin || !shares_with(*origin)) return;
  // The origin itself and never `*`, which browsers refuse together with credentials.
  answer.headers.emplace_back("Access-Control-Allow-Origin", *origin);
  answer.headers.emplace_back("Access-Control-Allow-Credentials", "true");
}

}  // namespace hubbub::inline v0
