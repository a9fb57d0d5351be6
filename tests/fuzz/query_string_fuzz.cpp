// Fuzzes targets and their queries. The first byte says how long the wanted name is, then comes the name, the rest is
// the query. Promises checked: what is found is what a second, plainer reader finds; letter case does not matter; what
// is encoded decodes to itself; a path that is taken begins with a slash; and what a connection keeps of a request
// answers as the request did.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hubbub/connection/request.hpp"

namespace {

[[noreturn]] void give_up(const char* promise) {
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

using item = std::pair<std::string, std::string>;

// Decodes with the C library's idea of a number; nothing when a percent sign leads nowhere, or to a NUL byte.
std::optional<std::string> plainly_decoded(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+') {
      out += ' ';
    } else if (text[at] == '%') {
      const std::string digits = text.substr(at + 1, 2);
      if (digits.size() != 2 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return {};
      const char c = static_cast<char>(std::strtoul(digits.c_str(), nullptr, 16));
      if (c == '\0') return {};
      out += c;
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

std::vector<item> items_of(const std::string& query) {
  std::vector<item> all;
  std::string name;
  std::string value;
  bool in_value = false;
  const auto end_of_item = [&] {
    if (in_value || !name.empty()) {
      all.emplace_back(plainly_decoded(name).value_or(name), plainly_decoded(value).value_or(value));
    }
    name.clear();
    value.clear();
    in_value = false;
  };
  for (const char c : query) {
    if (c == '&') {
      end_of_item();
    } else if (c == '=' && !in_value) {
      in_value = true;
    } else {
      (in_value ? value : name) += c;
    }
  }
  end_of_item();
  return all;
}

std::string in_capitals(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

void check_name(const hubbub::request& asked, const std::vector<item>& items, const std::string& name) {
  std::size_t count = 0;
  std::optional<std::string> first;
  for (const auto& [its_name, value] : items) {
    if (in_capitals(its_name) != in_capitals(name)) continue;
    if (count++ == 0) first = value;
  }
  if (asked.query_count(name) != count) give_up("items are counted as others count them");
  if (asked.query(name) != first) give_up("the first item of a name is found");
  if (asked.query(in_capitals(name)) != first) give_up("the case of a name does not matter");
}

void check_query(const std::string& name, const std::string& query) {
  hubbub::request asked;
  if (!asked.set_line("GET", "/hub?" + query, 11)) give_up("a query never makes a target wrong");
  if (asked.path() != "/hub") give_up("a query is no part of the path");
  if (asked.query_string() != query) give_up("a query is kept as it was sent");
  const std::vector<item> items = items_of(query);
  check_name(asked, items, name);
  for (const auto& one : items) check_name(asked, items, one.first);

  asked.keep_only({});
  if (asked.query_string() != query || asked.path() != "/hub") give_up("what a connection keeps is the same");
  check_name(asked, items, name);
}

void check_target(const std::string& target) {
  hubbub::request asked;
  if (!asked.set_line("GET", target, 11)) return;
  const std::string_view path = asked.path();
  if (path != "*" && !path.starts_with('/')) give_up("a path begins with a slash");
  if (asked.target() != target) give_up("a target is kept as it was sent");
  if (target.find('%') == std::string::npos && target.find(path) == std::string::npos && path != "/") {
    give_up("a path without escapes is part of its target");
  }
}

void check_round_trip(const std::string& text) {
  constexpr char digits[] = "0123456789aBcDeF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += digits[byte >> 4];
    encoded += digits[byte & 15];
  }
  const bool has_nul = text.find('\0') != std::string::npos;
  for (const bool plus_is_space : {false, true}) {
    const std::optional<std::string> decoded = hubbub::percent_decoded(encoded, plus_is_space);
    if (decoded.has_value() == has_nul) give_up("all bytes but NUL can be encoded");
    if (decoded && *decoded != text) give_up("what was encoded is decoded");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t name_size = data[0] % 32 % (all.size() + 1);
  const std::string name(all.substr(0, name_size));
  const std::string rest(all.substr(name_size));

  check_query(name, rest);
  check_target(rest);
  check_target("/" + rest);
  check_round_trip(rest);
  return 0;
}
