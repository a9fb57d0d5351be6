// Sizes in bytes, written as people say them: `using namespace hubbub::literals; ... 64_KiB`.
#pragma once

#include <cstddef>

namespace hubbub::inline v0 {
inline namespace literals {

/// `n` times 1,024 bytes.
constexpr std::size_t operator""_KiB(unsigned long long n) noexcept { return static_cast<std::size_t>(n) * 1024; }
/// `n` times 1,048,576 bytes.
constexpr std::size_t operator""_MiB(unsigned long long n) noexcept {
  return static_cast<std::size_t>(n) * 1024 * 1024;
}

}  // namespace literals
}  // namespace hubbub::inline v0
