// Reading and writing the headers of W3C Trace Context.
#include "hubbub/hub/trace_context.hpp"

#include <algorithm>

namespace hubbub::inline v0 {
namespace {

// 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
// version, trace id, span of the caller, flags: always at these places, whatever the version.
constexpr std::size_t trace_id_at = 3;
constexpr std::size_t trace_id_size = 32;
constexpr std::size_t parent_id_at = 36;
constexpr std::size_t parent_id_size = 16;
constexpr std::size_t flags_at = 53;
constexpr std::size_t whole_size = 55;
constexpr std::size_t most_members = 32;
constexpr std::size_t longest_state = 512;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

bool is_hex(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) noexcept { return is_hex(text) && text.find_first_not_of('0') != text.npos; }

std::uint8_t value_of(std::string_view two_digits) noexcept {
  const auto value = [](char c) { return is_digit(c) ? c - '0' : c - 'a' + 10; };
  return static_cast<std::uint8_t>(value(two_digits[0]) * 16 + value(two_digits[1]));
}

// `simple` or `tenant@system` (3.3.1.3.1 of the Recommendation).
bool is_state_key(std::string_view key) noexcept {
  const auto fits = [](std::string_view part, std::size_t most, bool digit_first) {
    if (part.empty() || part.size() > most) return false;
    if (!is_lower(part[0]) && !(digit_first && is_digit(part[0]))) return false;
    return std::all_of(part.begin(), part.end(), [](char c) {
      return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '*' || c == '/';
    });
  };
  const std::size_t sign = key.find('@');
  if (sign == key.npos) return fits(key, 256, false);
  return fits(key.substr(0, sign), 241, true) && fits(key.substr(sign + 1), 14, false);
}

bool is_state_value(std::string_view value) noexcept {
  return !value.empty() && value.size() <= 256 && value.back() != ' ' &&
         std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

std::string_view without_space(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == text.npos ? std::string_view() : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_state(std::string_view state) noexcept {
  if (state.size() > longest_state) return false;
  std::size_t members = 0;
  for (std::size_t at = 0; at <= state.size();) {
    const std::size_t end = std::min(state.find(',', at), state.size());
    const std::string_view member = without_space(state.substr(at, end - at));
    at = end + 1;
    if (member.empty()) continue;  // allowed between two commas
    const std::size_t sign = member.find('=');
    if (sign == member.npos || ++members > most_members) return false;
    if (!is_state_key(member.substr(0, sign)) || !is_state_value(member.substr(sign + 1))) return false;
  }
  return members != 0;
}

}  // namespace

std::optional<trace_context> trace_context::parse(std::string_view traceparent, std::string_view tracestate) {
  if (traceparent.size() < whole_size) return std::nullopt;
  const std::string_view version = traceparent.substr(0, 2);
  if (!is_hex(version) || version == "ff") return std::nullopt;
  if (traceparent.size() > whole_size && (version == "00" || traceparent[whole_size] != '-')) return std::nullopt;
  for (const std::size_t dash : {trace_id_at, parent_id_at, flags_at}) {
    if (traceparent[dash - 1] != '-') return std::nullopt;
  }
  const std::string_view trace = traceparent.substr(trace_id_at, trace_id_size);
  const std::string_view parent = traceparent.substr(parent_id_at, parent_id_size);
  const std::string_view flags = traceparent.substr(flags_at, 2);
  if (!is_id(trace) || !is_id(parent) || !is_hex(flags)) return std::nullopt;
  trace_context read{std::string(trace), std::string(parent), value_of(flags), {}};
  if (is_state(tracestate)) read.state = tracestate;
  return read;
}

std::string trace_context::traceparent(std::string_view own_span) const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "00-" + trace_id + '-';
  text += own_span.empty() ? std::string_view(parent_id) : own_span;
  return text + '-' + digits[flags >> 4] + digits[flags & 15];
}

}  // namespace hubbub::inline v0
