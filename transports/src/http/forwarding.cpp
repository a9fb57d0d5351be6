// X-Forwarded-For, -Proto, -Host and Forwarded, read from the right: what is nearest was added last.
#include "http/forwarding.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "http/http_text.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr std::size_t most_hops = 32;  // more are noise

std::string_view trimmed(std::string_view text) noexcept {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<peer_address> parse_bare(std::string_view text, bool v6) noexcept {
  char room[INET6_ADDRSTRLEN + 1] = {};
  if (text.empty() || text.size() >= sizeof room) return std::nullopt;
  std::memcpy(room, text.data(), text.size());
  peer_address made;
  if (!v6) {
    if (::inet_pton(AF_INET, room, made.bytes) != 1) return std::nullopt;
    made.family = AF_INET;
    return made;
  }
  sockaddr_storage storage{};
  auto& address = reinterpret_cast<sockaddr_in6&>(storage);
  if (::inet_pton(AF_INET6, room, &address.sin6_addr) != 1) return std::nullopt;
  address.sin6_family = AF_INET6;
  return peer_address::from(storage);  // takes IPv4 addresses out
}

bool is_host(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 255 && text.find_first_of(" \t/\\@?#\"'<>,;") == std::string_view::npos;
}

// The items of comma-separated header lines, the nearest last.
std::vector<std::string_view> items_of(std::string_view joined) {
  std::vector<std::string_view> items;
  while (!joined.empty()) {
    const std::size_t comma = joined.rfind(',');
    items.push_back(trimmed(comma == std::string_view::npos ? joined : joined.substr(comma + 1)));
    if (comma == std::string_view::npos || items.size() == most_hops) break;
    joined = joined.substr(0, comma);
  }
  std::reverse(items.begin(), items.end());
  return items;
}

// A token or quoted string of RFC 7230 at the front of `text`, which loses it.
std::optional<std::string> take_value(std::string_view& text) {
  std::string value;
  if (!text.starts_with('"')) {
    const std::size_t end = std::min(text.find_first_of(";, \t"), text.size());
    value = text.substr(0, end);
    text.remove_prefix(end);
    if (value.empty() || value.find('"') != std::string::npos) return std::nullopt;
    return value;
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && ++i == text.size()) break;
    value += text[i];
  }
  return std::nullopt;
}

bool same_prefix(const std::uint8_t* left, const std::uint8_t* right, unsigned bits) noexcept {
  const unsigned whole = bits / 8;
  if (std::memcmp(left, right, whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  return (left[whole] & mask) == (right[whole] & mask);
}

// The item a trusted hop added; where proxies replace instead of adding, the only one there is.
template <class Items>
const typename Items::value_type* item_at(const Items& items, std::size_t hops) noexcept {
  if (items.empty()) return nullptr;
  return &items[items.size() - std::min(hops, items.size())];
}

}  // namespace

std::optional<peer_address> parse_address(std::string_view text) noexcept {
  std::string_view port;
  std::optional<peer_address> made;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    made = parse_bare(text.substr(1, end - 1), true);
    text.remove_prefix(end + 1);
    if (!text.empty() && text.front() != ':') return std::nullopt;
    if (!text.empty()) port = text.substr(1);
    if (!text.empty() && port.empty()) return std::nullopt;
  } else {
    const std::size_t colon = text.find(':');
    const bool v6 = colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos;
    made = parse_bare(v6 ? text : text.substr(0, colon), v6);
    if (!v6 && colon != std::string_view::npos) {
      port = text.substr(colon + 1);
      if (port.empty()) return std::nullopt;
    }
  }
  if (made && !port.empty()) {
    const auto number = parse_port(port);
    if (!number) return std::nullopt;
    made->port = *number;
  }
  return made;
}

std::optional<std::vector<forwarded_hop>> parse_forwarded(std::string_view text) {
  std::vector<forwarded_hop> hops(1);
  while (true) {
    text = trimmed(text);
    if (text.empty()) break;
    if (text.front() == ',' || text.front() == ';') {
      if (text.front() == ',') hops.emplace_back();
      if (hops.size() > most_hops) return std::nullopt;
      text.remove_prefix(1);
      continue;
    }
    const std::size_t equals = text.find_first_of("=;, \t\"");
    if (equals == std::string_view::npos || equals == 0 || text[equals] != '=') return std::nullopt;
    const std::string_view name = text.substr(0, equals);
    text.remove_prefix(equals + 1);
    auto value = take_value(text);
    if (!value) return std::nullopt;
    text = trimmed(text);
    if (!text.empty() && text.front() != ',' && text.front() != ';') return std::nullopt;
    if (equals_ignoring_case(name, "for"))
      hops.back().from = std::move(*value);
    else if (equals_ignoring_case(name, "proto"))
      hops.back().scheme = std::move(*value);
    else if (equals_ignoring_case(name, "host"))
      hops.back().host = std::move(*value);
  }
  return hops;
}

std::vector<forwarded_hop> nearest_forwarded(std::string_view text) {
  std::vector<forwarded_hop> hops;
  std::size_t comma = text.size();
  // A comma may stand inside of quotes: then what is behind it is no hop, and the one before it is tried.
  for (std::size_t looks = 0; !text.empty() && looks < most_hops; ++looks) {
    comma = comma == 0 ? std::string_view::npos : text.rfind(',', comma - 1);
    const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
    auto hop = parse_forwarded(text.substr(begin));
    if (hop && hop->size() == 1) {
      hops.push_back(std::move(hop->front()));
      text = text.substr(0, comma == std::string_view::npos ? 0 : comma);
    }
    if (comma == std::string_view::npos) break;
  }
  std::reverse(hops.begin(), hops.end());
  return hops;
}

trusted_proxies::trusted_proxies(const std::vector<std::string>& networks, forwarded_by how) : how_(how) {
  for (const std::string& text : networks) {
    if (text == "unix") {
      unix_sockets_ = true;
      continue;
    }
    const std::size_t slash = text.find('/');
    const auto base = parse_address(std::string_view(text).substr(0, slash));
    const unsigned most = base && base->family == AF_INET6 ? 128 : 32;
    std::optional<std::uint16_t> bits = most;
    if (slash != std::string::npos) bits = parse_port(std::string_view(text).substr(slash + 1));
    if (!base || base->port != 0 || !bits || *bits > most) {
      throw std::invalid_argument("server option trusted_proxies: '" + text +
                                  "' is neither an address, a network such as '10.0.0.0/8', nor 'unix'");
    }
    networks_.push_back({*base, *bits});
  }
}

bool trusted_proxies::trusts(const peer_address& who) const noexcept {
  if (who.family == 0) return unix_sockets_;
  return std::any_of(networks_.begin(), networks_.end(), [&](const network& one) {
    return one.base.family == who.family && same_prefix(one.base.bytes, who.bytes, one.bits);
  });
}

request_origin trusted_proxies::resolve(const peer_address& peer, bool secure, const request& asked) const {
  request_origin found{peer, secure};
  if (empty() || !trusts(peer)) return found;

  std::vector<forwarded_hop> hops;
  std::string joined;  // the items are views of these
  std::string schemes;
  std::string hosts;
  std::vector<std::string_view> from;
  if (how_ == forwarded_by::forwarded) {
    hops = nearest_forwarded(asked.headers("Forwarded"));
    for (const forwarded_hop& one : hops) from.emplace_back(one.from);
  } else {
    joined = asked.headers("X-Forwarded-For");
    from = items_of(joined);
  }
  std::size_t trusted = 1;  // hops whose word counts: the peer, and those before it that are trusted too
  for (std::size_t i = from.size(); i-- > 0;) {
    const auto before = parse_address(from[i]);
    if (!before) break;  // `unknown`, a name of the proxy's own: nobody knows more
    found.client = *before;
    if (!trusts(*before)) break;
    if (i != 0) ++trusted;
  }
  std::string_view scheme;
  std::string_view host;
  if (how_ == forwarded_by::forwarded) {
    if (const forwarded_hop* hop = item_at(hops, trusted)) {
      scheme = hop->scheme;
      host = hop->host;
    }
  } else {
    schemes = asked.headers("X-Forwarded-Proto");
    hosts = asked.headers("X-Forwarded-Host");
    const auto all_schemes = items_of(schemes);
    const auto all_hosts = items_of(hosts);
    if (const std::string_view* one = item_at(all_schemes, trusted)) scheme = *one;
    if (const std::string_view* one = item_at(all_hosts, trusted)) host = *one;
  }
  if (equals_ignoring_case(scheme, "https") || equals_ignoring_case(scheme, "wss")) found.secure = true;
  if (equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "ws")) found.secure = false;
  if (is_host(host)) found.host = host;
  return found;
}

}  // namespace hubbub::inline v0
