// A hub as transports see it: settings, and the handler of its connections.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <typeindex>
#include <utility>
#include <vector>

#include "hubbub/connection/connection_handler.hpp"
#include "hubbub/connection/request.hpp"
#include "hubbub/core/function_ref.hpp"
#include "hubbub/hub/filter.hpp"
#include "hubbub/hub/hub_metrics.hpp"
#include "hubbub/hub/hub_settings.hpp"

namespace hubbub::inline v0 {

class lifetime_manager;

/// What all hubs of one server share: its shards and the lifetime managers. Made by the server before anything starts.
class hub_host {
 public:
  hub_host();
  hub_host(const hub_host&) = delete;
  hub_host& operator=(const hub_host&) = delete;
  ~hub_host();

  /// The shards, in the order of their index. Set once, before the first hub starts.
  void set_shards(std::vector<shard*> shards);
  [[nodiscard]] const std::vector<shard*>& shards() const noexcept { return shards_; }
  /// Filters of all hubs, in the order of their calls: added before the first hub starts, which takes them over.
  void add_filter(hub_filter filter) { filters_.push_back(std::move(filter)); }
  [[nodiscard]] const std::vector<hub_filter>& filters() const noexcept { return filters_; }
  /// The calling thread's shard, or the first one. Throws std::logic_error before the server was started.
  [[nodiscard]] shard& any_shard() const;
  /// The lifetime manager of a hub type: one per type and name, made when first asked for. Any thread.
  [[nodiscard]] std::shared_ptr<lifetime_manager> lifetime_of(std::type_index type, const std::string& name);

 private:
  std::vector<shard*> shards_;
  std::vector<hub_filter> filters_;
  std::atomic<bool> has_shards_{false};  // contexts may ask while the server starts
  struct known;
  std::unique_ptr<known> known_;
};

/// One mapping of a hub. The server maps it to a path, calls `start` when its shards exist, and hands connections to
/// it.
class hub_endpoint : public connection_handler {
 public:
  /// Settings; change them before `start` only.
  [[nodiscard]] virtual hub_settings& settings() noexcept = 0;
  /// Chooses the user id of a connection (decision 19). Before `start` only. Null: the claim `sub`.
  virtual void set_user_id(std::function<std::string(const principal*, const request&)> choose) = 0;
  /// A filter of this endpoint's connections; those of the server come before. Before `start` only.
  virtual void add_filter(hub_filter filter) = 0;
  /// Checks and freezes the settings; throws std::invalid_argument with the setting's name and value. Before any
  /// `open`.
  virtual void start() = 0;
  /// Adds what was counted at this endpoint to the hub of its name. Any thread, after `start`; shards are not
  /// disturbed.
  virtual void add_to(std::vector<hub_metrics>& all) const = 0;
};

}  // namespace hubbub::inline v0
