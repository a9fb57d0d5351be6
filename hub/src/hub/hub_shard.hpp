// What one endpoint of a hub has on one shard: its connections, and the sweep that looks after them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "filter_chain.hpp"
#include "hub_connection.hpp"
#include "hub_counters.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "hubbub/hub/hub_type.hpp"
#include "lifetime_manager.hpp"

namespace hubbub::inline v0 {

/// What all shards of an endpoint share; frozen at start. Immutable afterwards; any thread.
struct hub_definition {
  const hub_type& type;
  std::function<std::unique_ptr<hub_base>()> factory;
  hub_settings settings;
  std::function<std::string(const principal*, const request&)> user_id;
  std::shared_ptr<lifetime_manager> lifetime;
  connection_limits limits;
  filter_chain filters{};
};

/// The connections of one endpoint on one shard, registered or not. One shard.
class hub_shard final : private sweeper {
 public:
  hub_shard(const hub_definition& definition, shard& home);
  hub_shard(const hub_shard&) = delete;
  hub_shard& operator=(const hub_shard&) = delete;
  ~hub_shard();

  [[nodiscard]] const hub_definition& definition() const noexcept { return definition_; }
  [[nodiscard]] shard& home() const noexcept { return home_; }
  /// What is counted here, to be read on any thread.
  [[nodiscard]] hub_counters& counters() noexcept { return counters_; }
  [[nodiscard]] const hub_counters& counters() const noexcept { return counters_; }
  [[nodiscard]] traffic_counters& traffic() noexcept { return traffic_; }
  /// One message at a time is read on a shard: its parsed form is shared.
  [[nodiscard]] hub_message& message() noexcept { return message_; }
  /// A Ping for connections of that format, made once.
  [[nodiscard]] const frame_ref& ping(const hub_protocol& protocol);

  void add(hub_connection& one);
  void remove(hub_connection& one) noexcept;
  [[nodiscard]] const std::vector<hub_connection*>& connections() const noexcept { return connections_; }

 private:
  void sweep(unsigned part, unsigned parts, time_point now) override;

  const hub_definition& definition_;
  shard& home_;
  hub_counters counters_;
  traffic_counters& traffic_;
  std::vector<hub_connection*> connections_;
  hub_message message_;
  frame_ref pings_[2];
};

}  // namespace hubbub::inline v0
