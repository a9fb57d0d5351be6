// What a server consists of: its site, its shards and their threads, its listeners; start and stop of it all.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "hubbub/core/blocking.hpp"
#include "hubbub/core/logger.hpp"
#include "hubbub/core/shard.hpp"
#include "hubbub/endpoint_builder.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "hubbub/metrics.hpp"
#include "net/listener.hpp"
#include "shard_server.hpp"
#include "site.hpp"

namespace hubbub::inline v0 {

/// See `server`, whose promises about threads hold here.
class server_core {
 public:
  explicit server_core(server_options options);
  server_core(const server_core&) = delete;
  server_core& operator=(const server_core&) = delete;
  ~server_core();

  // Setting up
  [[nodiscard]] site& whole() noexcept { return site_; }
  [[nodiscard]] const site& whole() const noexcept { return site_; }
  [[nodiscard]] hub_host& host() noexcept { return host_; }
  /// Throws std::logic_error once the server was started.
  void expect_not_started(std::string_view what) const;
  void listen(listen_options where) { wanted_.push_back(std::move(where)); }
  void use_logger(std::shared_ptr<logger> log);
  /// Maps whatever handles connections; a hub gets its builder.
  hub_mapping& map_handler(std::string_view path, std::shared_ptr<connection_handler> handler);
  endpoint_builder& map_hub(std::string_view path, std::shared_ptr<hub_endpoint> hub);
  void map_raw(std::string_view path, websocket_handler handler, websocket_limits limits);
  void set_origins(const std::vector<std::string>& origins);

  // Running
  void start();
  void stop();
  void wait();
  void run();
  void reload_tls();
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] server_metrics metrics() const;
  [[nodiscard]] std::size_t shard_count() const noexcept { return shards_.size(); }
  [[nodiscard]] shard& shard_at(std::size_t index);
  [[nodiscard]] bool runs() const noexcept { return started_.load() && !site_.stopping.load(); }

 private:
  struct part {  // one shard and what belongs to it
    std::unique_ptr<shard> home;
    std::unique_ptr<shard_server> server;
    std::thread thread;
  };

  void check_options() const;
  void prepare();
  void launch(std::size_t first);
  void start_hubs();
  void open_listeners();
  void make_shards();
  void deal(unique_fd connected, const peer_address& peer, const tls_identity* secure);
  void begin_stop();
  void part_stopped();
  void join();

  hub_host host_;
  std::shared_ptr<logger> log_;
  std::unique_ptr<blocking_pool> pool_;
  admission_counts counts_;
  std::vector<part> shards_;  // before the site: hubs know their shards until they are destroyed
  site site_;
  std::vector<listen_options> wanted_;
  std::vector<std::shared_ptr<hub_endpoint>> hubs_;
  std::vector<std::unique_ptr<endpoint_builder>> builders_;
  std::vector<std::shared_ptr<tls_identity>> identities_;  // of the listeners that speak TLS
  std::vector<listening> opened_;                          // before the shards exist
  std::vector<std::unique_ptr<listener>> listeners_;       // on shard 0
  std::size_t next_shard_ = 0;                             // gets the next connection
  std::size_t parts_left_ = 0;                             // shards that have not stopped; counted on shard 0
  std::uint16_t port_ = 0;
  std::atomic<bool> started_{false};
  std::mutex joining_;  // wait() may be called from several threads, also while run() works
};

}  // namespace hubbub::inline v0
