// The negotiated connections of a shard, by their secret token.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hubbub/connection/connection.hpp"

namespace hubbub::inline v0 {

struct hub_mapping;

/// The random bytes of a token (or, in version 0, of an id): what connections are found by.
using token_bits = std::array<std::uint8_t, 16>;

/// The bits of a version 1 token (64 characters) or of an id (22 characters); nothing for other texts.
[[nodiscard]] std::optional<token_bits> bits_of_token(std::string_view text);

/// Connections that were made by negotiation and have not ended. One shard; an entry's number stays as long as the
/// entry.
class connection_table {
 public:
  static constexpr std::uint32_t nowhere = 0xffff'ffff;

  struct entry {
    token_bits bits{};
    connection_ref who;
    const hub_mapping* hub = nullptr;
    std::uint32_t made_at = 0;  ///< milliseconds of the poller
    bool attached = false;      ///< a transport carries it
  };

  /// `pending` counts the unattached entries of all shards.
  explicit connection_table(std::atomic<std::size_t>& pending) noexcept : pending_(pending) {}
  connection_table(const connection_table&) = delete;
  connection_table& operator=(const connection_table&) = delete;
  ~connection_table();

  /// Adds a connection that waits for its transport.
  void add(const token_bits& bits, connection_ref who, const hub_mapping& hub, std::uint32_t now);
  /// Number of the entry with these bits, or `nowhere`.
  [[nodiscard]] std::uint32_t find(const token_bits& bits) const noexcept;
  [[nodiscard]] entry& at(std::uint32_t number) noexcept { return entries_[number]; }
  /// A transport took the connection over.
  void attached(std::uint32_t number) noexcept;
  /// The connection has ended: its token is dead.
  void erase(std::uint32_t number) noexcept;
  /// Forgets connections that nobody came for within `wait` milliseconds; looks at one part of all.
  void sweep(unsigned part, unsigned parts, std::uint32_t now, std::uint32_t wait) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return numbers_.size(); }

 private:
  struct first_bytes {
    std::size_t operator()(const token_bits& bits) const noexcept {
      std::size_t hash = 0;
      std::memcpy(&hash, bits.data(), sizeof hash);
      return hash;  // random as they are
    }
  };
  std::vector<entry> entries_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<token_bits, std::uint32_t, first_bytes> numbers_;
  std::atomic<std::size_t>& pending_;
};

}  // namespace hubbub::inline v0
