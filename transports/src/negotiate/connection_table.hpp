// The negotiated connections of a shard, by their secret token.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hubbub/connection/connection.hpp"
#include "hubbub/endpoint_builder.hpp"
#include "negotiate/token_bits.hpp"
#include "net/address_counts.hpp"

namespace hubbub::inline v0 {

class detached_link;
class long_polling_link;
class post_queue;
class shard_server;
struct hub_mapping;

/// Negotiated connections that nobody has come for, of all shards. Any thread.
struct pending_counts {
  std::atomic<std::size_t> total{0};
  std::atomic<std::size_t> detached{0};  ///< that had a transport, and wait for another one
  address_counts by_address;
};

/// Connections that were made by negotiation and have not ended. One shard; an entry's number stays as long as the
/// entry.
class connection_table {
 public:
  static constexpr std::uint32_t nowhere = 0xffff'ffff;

  using token_rest = std::array<char, 43>;

  struct entry {
    token_bits bits{};
    token_rest rest{};  ///< of the token's text: who knows it knows the token, and its signature need not be checked
    connection_ref who;
    const hub_mapping* hub = nullptr;
    std::uint32_t made_at = 0;                      ///< milliseconds of the poller
    std::uint32_t place = address_counts::nowhere;  ///< while it is pending: among the counts by address
    bool forgotten = false;                         ///< its token is dead
    std::optional<transport_kind> carried_by;       ///< never changes once it is there
    std::unique_ptr<post_queue> posts;              ///< made by the first POST, or by a transport that needs them
    std::unique_ptr<long_polling_link> polling;     ///< of long polling
  };

  /// `pending` counts the unattached entries of all shards.
  explicit connection_table(pending_counts& pending) noexcept;
  connection_table(const connection_table&) = delete;
  connection_table& operator=(const connection_table&) = delete;
  ~connection_table();

  /// Adds a connection that waits for its transport; `place` is what the counts by address gave for it.
  void add(std::string_view token, connection_ref who, const hub_mapping& hub, std::uint32_t now,
           std::uint32_t place = address_counts::nowhere);
  /// Number of the entry with these bits, or `nowhere`; also for a token that is dead.
  [[nodiscard]] std::uint32_t find_any(const token_bits& bits) const noexcept;
  /// The same for a token that is alive at that hub.
  [[nodiscard]] std::uint32_t find(const token_bits& bits, const hub_mapping& hub) const noexcept;
  [[nodiscard]] entry& at(std::uint32_t number) noexcept { return entries_[number]; }
  /// The same for a whole token or id, compared in constant time. `nowhere` may also mean that another shard, or
  /// another node, has it.
  [[nodiscard]] std::uint32_t find(std::string_view token, const hub_mapping& hub) const noexcept;
  /// A transport took the connection over.
  void attached(std::uint32_t number, transport_kind carrier) noexcept;
  /// The token is dead; the entry stays until `erase`, for what must still be said.
  void forget(std::uint32_t number) noexcept;
  /// The connection has ended: its token is dead.
  void erase(std::uint32_t number) noexcept;
  /// The transport of the connection was lost: it waits for another one, which has the same token. False when more than
  /// `most` connections of the server would wait; 0: there is no limit.
  [[nodiscard]] bool detach(std::uint32_t number, shard_server& home, std::size_t most);
  /// It has another transport.
  void reattached(std::uint32_t number) noexcept;
  /// Forgets connections that nobody came for within `wait` milliseconds, and has those that are polled look at the
  /// clock; one part of all.
  void sweep(unsigned part, unsigned parts, std::uint32_t now, std::uint32_t wait);
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
  std::unordered_map<std::uint32_t, std::unique_ptr<detached_link>> detached_;
  void arrived(entry& one) noexcept;
  [[nodiscard]] static token_rest rest_of(std::string_view token) noexcept;
  pending_counts& pending_;
};

}  // namespace hubbub::inline v0
