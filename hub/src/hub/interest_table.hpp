// Which shards care about which group or user: the one table all shards of a node share.
#pragma once

#include <array>
#include <bitset>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "name_hash.hpp"

namespace hubbub::inline v0 {

/// More shards than any machine we know has cores for.
inline constexpr unsigned max_shards = 256;
using shard_set = std::bitset<max_shards>;

/// Names with the shards that have members. Any thread: striped, and a lock is held for one look-up only, never while
/// anything is sent or waited for.
class interest_table {
 public:
  /// Shard `index` has a member of `name` now.
  void add(std::string_view name, unsigned index);
  /// Shard `index` has no member of `name` any more.
  void remove(std::string_view name, unsigned index);
  /// The shards that have members.
  [[nodiscard]] shard_set shards_of(std::string_view name);

 private:
  struct alignas(64) stripe {
    std::mutex mutex;
    std::unordered_map<std::string, shard_set, name_hash, std::equal_to<>> names;
  };
  [[nodiscard]] stripe& stripe_of(std::string_view name) noexcept {
    return stripes_[name_hash{}(name) % stripes_.size()];
  }

  std::array<stripe, 64> stripes_;
};

}  // namespace hubbub::inline v0
