// The connections of one hub on one shard: by id, by group, by user.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hub_counters.hpp"
#include "hubbub/connection/connection.hpp"
#include "name_hash.hpp"

namespace hubbub::inline v0 {

class hub_connection;

/// Who is in a group, or who is a user. One shard.
struct member_set {
  struct member {
    connection* link;    ///< what a send needs, without a detour
    hub_connection* of;  ///< whose membership it is
  };
  std::string name;
  std::vector<member> members;
};

/// That a connection is in a set, and where: leaving costs the same whatever the set's size.
struct membership {
  member_set* set = nullptr;
  std::uint32_t place = 0;
};

/// Where a connection's groups stand in its list: who is in many must not be searched for one.
using group_places = std::unordered_map<const member_set*, std::uint32_t>;

/// The connections of one hub on one shard. One shard.
class connection_store {
 public:
  connection_store() = default;
  connection_store(const connection_store&) = delete;
  connection_store& operator=(const connection_store&) = delete;
  ~connection_store();

  void add(hub_connection& member);
  void remove(hub_connection& member) noexcept;
  [[nodiscard]] hub_connection* find(const connection_id& id) const noexcept;
  [[nodiscard]] const std::vector<member_set::member>& all() const noexcept { return all_; }
  /// The bytes of the hub's messages here. To be read on any thread.
  [[nodiscard]] traffic_counters& traffic() noexcept { return traffic_; }
  [[nodiscard]] const traffic_counters& traffic() const noexcept { return traffic_; }

  /// Puts the connection into a group; true when it is the group's first member here.
  bool join(hub_connection& member, std::string_view group);
  /// Takes it out; true when it was the group's last member here.
  bool leave(hub_connection& member, std::string_view group);
  /// Makes the connection one of a user's; true when it is the first here.
  bool set_user(hub_connection& member, std::string_view user);
  /// The reverse; true when it was the last here.
  bool clear_user(hub_connection& member);
  /// A group's or user's members; null when there are none here.
  [[nodiscard]] const member_set* group(std::string_view name) const noexcept;
  [[nodiscard]] const member_set* user(std::string_view id) const noexcept;

 private:
  // Sets are owned through pointers: memberships point at them. Keys are views of the sets' own names.
  using set_map = std::unordered_map<std::string_view, std::unique_ptr<member_set>, name_hash, std::equal_to<>>;
  static member_set& set_of(set_map& sets, std::string_view name);
  static membership insert(member_set& set, hub_connection& member);
  static bool erase(set_map& sets, membership where, bool is_user);
  [[nodiscard]] static std::size_t free_slot(const std::vector<std::uint32_t>& ids, const connection_id& id) noexcept;
  [[nodiscard]] std::size_t slot_of(std::uint32_t place) const noexcept;
  void grow_ids();

  std::vector<member_set::member> all_;
  std::vector<std::uint32_t>
      ids_;  ///< place in all_ + 1; open addressing by connection id, linear probing, at most half full
  set_map groups_;
  set_map users_;
  traffic_counters traffic_;
};

}  // namespace hubbub::inline v0
