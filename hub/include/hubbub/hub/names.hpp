// Names taken from the compiler: `&chat_hub::join_room` is called `JoinRoom` on the wire.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace hubbub::inline v0 {

/// Text as a template argument. A value.
template <std::size_t Size>
struct fixed_text {
  char characters[Size]{};
  constexpr fixed_text(const char (&text)[Size]) {  // NOLINT(google-explicit-constructor): literals become texts
    for (std::size_t i = 0; i < Size; ++i) characters[i] = text[i];
  }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters, Size - 1}; }
};

/// True when two names are the same to clients: ASCII case and `_` do not count.
[[nodiscard]] constexpr bool same_wire_name(std::string_view left, std::string_view right) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  std::size_t i = 0;
  std::size_t j = 0;
  for (;;) {
    while (i < left.size() && left[i] == '_') ++i;
    while (j < right.size() && right[j] == '_') ++j;
    if (i == left.size() || j == right.size()) return i == left.size() && j == right.size();
    if (lower(left[i++]) != lower(right[j++])) return false;
  }
}

namespace detail {

// The last identifier of what the compiler prints for a template argument: the text behind the last `::` or space.
constexpr std::string_view last_identifier(std::string_view printed) {
  // gcc: "... [with auto Member = &chat_hub::join_room; ...]", clang: "... [Member = &chat_hub::join_room]".
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::size_t end = printed.size();
  while (end > 0 && !is_part(printed[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && is_part(printed[begin - 1])) --begin;
  return printed.substr(begin, end - begin);
}

template <auto Member>
constexpr std::string_view printed_member() {
#if defined(__clang__)
  return __PRETTY_FUNCTION__;
#else
  // gcc appends aliases used in the signature: cut there.
  std::string_view text = __PRETTY_FUNCTION__;
  const std::size_t with = text.find("Member = ");
  text = text.substr(with);
  const std::size_t more = text.find(';');
  return more == std::string_view::npos ? text : text.substr(0, more);
#endif
}
template <class Class>
constexpr std::string_view printed_class() {
#if defined(__clang__)
  std::string_view text = __PRETTY_FUNCTION__;
  text = text.substr(text.find("Class = ") + 8);
  return text.substr(0, text.rfind(']'));
#else
  std::string_view text = __PRETTY_FUNCTION__;
  text = text.substr(text.find("Class = ") + 8);
  const std::size_t more = text.find(';');
  return more == std::string_view::npos ? text.substr(0, text.rfind(']')) : text.substr(0, more);
#endif
}

constexpr std::size_t pascal_size(std::string_view identifier) {
  std::size_t size = 0;
  for (const char c : identifier) size += c == '_' ? 0 : 1;
  return size;
}

template <std::size_t Size>
constexpr auto to_pascal(std::string_view identifier) {
  std::array<char, Size + 1> name{};
  std::size_t at = 0;
  bool upper = true;
  for (const char c : identifier) {
    if (c == '_') {
      upper = true;
      continue;
    }
    name[at++] = upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    upper = false;
  }
  return name;
}

template <auto Member>
inline constexpr auto pascal_letters =
    to_pascal<pascal_size(last_identifier(printed_member<Member>()))>(last_identifier(printed_member<Member>()));
template <auto Member>
inline constexpr std::string_view pascal_case{pascal_letters<Member>.data(), pascal_letters<Member>.size() - 1};

}  // namespace detail
}  // namespace hubbub::inline v0
