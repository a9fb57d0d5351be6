// The version table and the two JSON bodies of negotiation.
#include "negotiate/negotiate.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace hubbub::inline v0 {

namespace {

constexpr int newest_version = 1;

std::string_view trimmed(std::string_view text) noexcept {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// A 32-bit integer as the reference reads one: white space around it and a plus sign are fine, nothing else is.
std::optional<std::int32_t> as_integer(std::string_view given) noexcept {
  std::string_view text = trimmed(given);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// Ids and tokens are base64url and our texts are ours, but an error may quote what an application said.
void put_json_text(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

negotiate_choice choose_negotiate_version(const request& asked, int minimum_version) {
  const auto unsupported = [](int version) {
    return negotiate_choice{0, "The client requested version '" + std::to_string(version) +
                                   "', but the server does not support this version."};
  };
  const std::size_t given = asked.query_count("negotiateVersion");
  if (given == 0) return minimum_version > 0 ? unsupported(0) : negotiate_choice{};
  const auto wanted = given == 1 ? as_integer(asked.query("negotiateVersion").value_or("")) : std::nullopt;
  if (!wanted) return {0, "The client requested a non-integer protocol version."};
  if (*wanted < minimum_version) return unsupported(*wanted);
  return {*wanted > newest_version ? newest_version : *wanted, {}};
}

bool asks_for_stateful_reconnect(const request& asked) {
  if (asked.query_count("useStatefulReconnect") != 1) return false;
  return equals_ignoring_case(trimmed(asked.query("useStatefulReconnect").value_or("")), "true");
}

std::string negotiate_body(int version, const negotiate_identity& identity, const offered_transports& transports,
                           bool stateful_reconnect) {
  std::string body =
      stateful_reconnect ? "{\"useStatefulReconnect\":true,\"negotiateVersion\":" : "{\"negotiateVersion\":";
  body += std::to_string(version);
  body += ",\"connectionId\":";
  put_json_text(body, identity.connection_id);
  if (version > 0) {
    body += ",\"connectionToken\":";
    put_json_text(body, identity.connection_token);
  }
  body += ",\"availableTransports\":[";
  bool first = true;
  const auto offer = [&](bool enabled, std::string_view json) {
    if (!enabled) return;
    if (!first) body += ',';
    body += json;
    first = false;
  };
  offer(transports.web_sockets, R"({"transport":"WebSockets","transferFormats":["Text","Binary"]})");
  offer(transports.server_sent_events, R"({"transport":"ServerSentEvents","transferFormats":["Text"]})");
  offer(transports.long_polling, R"({"transport":"LongPolling","transferFormats":["Text","Binary"]})");
  body += "]}";
  return body;
}

std::string negotiate_redirect_body(std::string_view url, std::string_view access_token) {
  std::string body = "{\"url\":";
  put_json_text(body, url);
  if (!access_token.empty()) {
    body += ",\"accessToken\":";
    put_json_text(body, access_token);
  }
  body += '}';
  return body;
}

std::string negotiate_error_body(std::string_view error) {
  std::string body = "{\"error\":";
  put_json_text(body, error);
  body += '}';
  return body;
}

}  // namespace hubbub::inline v0
