// How many of something each remote address has: open sockets, negotiations without an end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/address.hpp"

namespace hubbub::inline v0 {

/// Counts per address; an IPv6 network of 64 bits counts as one, because one customer has all of it. It holds only
/// addresses that have something. Any thread: a lock is taken when something comes or goes, never for a message.
class address_counts {
 public:
  static constexpr std::uint32_t nowhere = 0xffff'ffff;

  /// One more for that address, unless it has `most` of them: then nothing. What is returned is for `leave`.
  [[nodiscard]] std::optional<std::uint32_t> enter(const peer_address& who, std::size_t most);
  /// One less; `nowhere` is nothing.
  void leave(std::uint32_t place) noexcept;
  /// Addresses that have something.
  [[nodiscard]] std::size_t size() const;

 private:
  using key = std::array<std::uint8_t, 17>;
  struct hash_of_key {
    std::size_t operator()(const key& one) const noexcept;
  };
  struct record {
    key who{};
    std::size_t count = 0;
  };
  [[nodiscard]] static key key_of(const peer_address& who) noexcept;

  mutable std::mutex mutex_;
  std::unordered_map<key, std::uint32_t, hash_of_key> places_;
  std::vector<record> records_;
  std::vector<std::uint32_t> free_;
};

}  // namespace hubbub::inline v0
