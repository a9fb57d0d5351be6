// The hash of names that clients choose: groups and users.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "hubbub/core/random.hpp"

namespace hubbub::inline v0 {

/// SipHash-1-3 of a text, with a key that this process has drawn. `std::hash` has none: whoever may choose names can
/// find as many as he likes with one value, and every look-up in a table that holds them walks through all of them.
/// Any thread.
class name_hash {
 public:
  using is_transparent = void;
  [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
    static const std::array<std::uint64_t, 2> key = drawn();
    state now{key[0] ^ 0x736f'6d65'7073'6575u, key[1] ^ 0x646f'7261'6e64'6f6du, key[0] ^ 0x6c79'6765'6e65'7261u,
              key[1] ^ 0x7465'6462'7974'6573u};
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; left -= 8, at += 8) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, at, 8);
      now.mix(eight);
    }
    std::uint64_t last = 0;
    if (left != 0) std::memcpy(&last, at, left);
    now.mix(last ^ static_cast<std::uint64_t>(text.size()) << 56);
    now.c ^= 0xff;
    for (int round = 0; round < 3; ++round) now.turn();
    return static_cast<std::size_t>(now.a ^ now.b ^ now.c ^ now.d);
  }

 private:
  struct state {
    std::uint64_t a, b, c, d;
    void turn() noexcept {
      a += b;
      c += d;
      b = std::rotl(b, 13) ^ a;
      d = std::rotl(d, 16) ^ c;
      a = std::rotl(a, 32) + d;
      c += b;
      d = std::rotl(d, 21) ^ a;
      b = std::rotl(b, 17) ^ c;
      c = std::rotl(c, 32);
    }
    void mix(std::uint64_t eight) noexcept {
      d ^= eight;
      turn();
      a ^= eight;
    }
  };
  static std::array<std::uint64_t, 2> drawn() {
    std::array<std::uint64_t, 2> key{};
    random_bytes(key.data(), sizeof key);
    return key;
  }
};

}  // namespace hubbub::inline v0
