// What a testing host consists of: shards driven by hand on a clock that stands still, hubs, and clients.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <typeindex>
#include <vector>

#include "hubbub/core/blocking.hpp"
#include "hubbub/core/clock.hpp"
#include "hubbub/core/shard.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "hubbub/testing/endpoint.hpp"
#include "hubbub/testing/host.hpp"
#include "hubbub/testing/raw_client.hpp"

namespace hubbub::inline v0::testing::detail {

class client_core;

/// What the clients of a shard share: at the end of a turn those with something to do get on with it.
class post_office final : public turn_listener {
 public:
  post_office(const node& of, shard& home) : shop(home.buffer()), node_(of), home_(home) { home_.add(*this); }
  ~post_office() { home_.remove(*this); }
  void on_turn_end() override;

  std::vector<raw_client*> dirty;
  send_workshop shop;

 private:
  const node& node_;
  shard& home_;
};

/// Keeps the lines, and passes them on to another log when there is one.
class kept_log final : public logger {
 public:
  kept_log(std::shared_ptr<logger> next, log_level threshold) : next_(std::move(next)), threshold_(threshold) {}
  [[nodiscard]] log_level threshold() const noexcept override { return threshold_; }
  void write(log_level level, std::string_view category, std::string_view text) noexcept override;
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  std::shared_ptr<logger> next_;
  log_level threshold_;
  mutable std::mutex mutex_;  // hubs may log from threads of their own
  std::vector<std::string> lines_;
};

/// A hub and its path.
struct mapped {
  std::string path;
  std::type_index type;
  std::shared_ptr<hub_endpoint> handler;
  std::unique_ptr<endpoint> settings;
};

/// Everything behind a host. The test's thread.
class node {
 public:
  explicit node(host_options how);
  node(const node&) = delete;
  node& operator=(const node&) = delete;
  ~node() = default;

  endpoint& map(std::string path, std::type_index type, std::shared_ptr<hub_endpoint> handler);
  /// `type`: the hub, null when the path or there being only one says which.
  raw_client& arrive(const std::type_index* type, const client_options& who);
  std::shared_ptr<client_core> connect(const std::type_index* type, const client_options& who);
  void start();

  /// Runs `work` in a turn of a shard.
  void run_on(shard& home, const std::function<void()>& work);
  /// Sends bytes of a client and does not settle: for those whom `settle` calls.
  void deliver(raw_client& from, bytes_view sent);
  void settle();
  void advance(std::chrono::milliseconds time_to_pass);
  /// Connections that are open, or whose code still runs.
  [[nodiscard]] std::size_t busy();
  [[nodiscard]] std::string still_running();
  void stop();
  /// All clients leave; false when code of hubs still runs afterwards.
  bool end();

  host_options options;
  manual_clock time;
  std::shared_ptr<kept_log> log;
  blocking_pool pool{0};
  struct place {
    place(const node& of, shard_settings settings) : home(std::move(settings)), office(of, home) {}
    shard home;
    post_office office;
  };
  hub_host hubs;  // outlives the shards: what they have not done yet may hold on to it
  std::vector<std::unique_ptr<place>> places;
  std::vector<mapped> mappings;
  std::vector<std::unique_ptr<raw_client>> lines;
  std::vector<std::shared_ptr<client_core>> clients;
  std::size_t carried = 0;          ///< bytes, from hubs to clients
  std::size_t carries_at_most = 0;  ///< before everything comes to rest
  /// Clients take nothing more for now: a stream without an end would never let a turn be the last one.
  [[nodiscard]] bool overrun() const noexcept { return carried > carries_at_most; }
  bool started = false;

 private:
  [[nodiscard]] const mapped& find(const std::type_index* type, std::string_view path) const;
  [[nodiscard]] bool hand_out();

  unsigned next_place_ = 0;
};

}  // namespace hubbub::inline v0::testing::detail
