// The server's part of one shard: its sockets, its negotiated connections, and what requests in progress need.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "endpoint/post_queue.hpp"
#include "endpoint/turn_work.hpp"
#include "http/http_exchange.hpp"
#include "http/late_answer.hpp"
#include "http/response_writer.hpp"
#include "hubbub/core/shard.hpp"
#include "metrics/shard_counters.hpp"
#include "negotiate/connection_table.hpp"
#include "net/arrival.hpp"
#include "net/poller.hpp"
#include "site.hpp"

namespace hubbub::inline v0 {

/// One per shard, on its thread; made before the shard runs and destroyed afterwards. `welcome` and `hand_to` take
/// sockets from other shards.
class shard_server final : private sweeper, private timer_entry {
 public:
  shard_server(site& whole, shard& home);
  shard_server(const shard_server&) = delete;
  shard_server& operator=(const shard_server&) = delete;
  ~shard_server();

  [[nodiscard]] shard& home() noexcept { return home_; }
  [[nodiscard]] poller& sockets() noexcept { return poller_; }
  [[nodiscard]] connection_table& table() noexcept { return table_; }
  /// The POSTs of an entry of the table, made when they are needed first.
  [[nodiscard]] post_queue& posts_of(std::uint32_t entry);
  /// Requests of this shard's sockets that wait for answers.
  [[nodiscard]] waiting_room& waiting() noexcept { return waiting_room_; }
  /// What is done before the turn ends.
  [[nodiscard]] turn_agenda& agenda() noexcept { return agenda_; }
  [[nodiscard]] site& whole() noexcept { return site_; }
  [[nodiscard]] const server_options& options() const noexcept { return site_.options; }
  /// What is counted here.
  [[nodiscard]] shard_counters& counters() noexcept { return counters_; }
  /// Adds it up. Any thread.
  void add_to(server_metrics& sum) const noexcept;
  /// For the `Date` header.
  [[nodiscard]] std::string_view date() noexcept;

  /// A new connection was accepted for this shard. Any shard.
  void welcome(arrival connected);
  /// A connection that belongs to another shard goes there, with a request that was read here.
  void hand_to(shard_server& other, arrival connected, std::unique_ptr<http_exchange> begun);

  // Requests in progress
  [[nodiscard]] std::unique_ptr<http_exchange> take_exchange();
  void give_back(std::unique_ptr<http_exchange> done);
  /// The client left while application code works on its request.
  void keep_orphan(std::unique_ptr<http_exchange> left);
  /// Application code begins to work on a request: gives it a context that can be cancelled.
  void begin_waiting(http_exchange& exchange, std::string_view name);
  /// ... and has finished.
  void end_waiting(http_exchange& exchange);

  /// Stops in the order of decision 5; `done` is called on the shard when nothing is left.
  void stop(job done);

 private:
  void take_in(arrival connected);
  void take_over(arrival connected, std::unique_ptr<http_exchange> begun);
  void sweep(unsigned part, unsigned parts, time_point now) override;
  void on_due() override;
  void stop_sockets(bool force);
  [[nodiscard]] std::size_t busy();
  void name_the_running();

  static constexpr std::size_t pooled_exchanges = 32;

  site& site_;
  shard& home_;
  shard_counters counters_;
  turn_agenda agenda_;
  waiting_room waiting_room_;
  connection_table table_;
  http_date date_;
  std::vector<std::unique_ptr<http_exchange>> pool_;
  std::vector<std::unique_ptr<http_exchange>> orphans_;
  std::size_t waiting_ = 0;  // requests that application code works on
  job stopped_;
  time_point cut_at_{};
  bool stopping_ = false;
  bool cut_ = false;
  bool complained_ = false;
  poller poller_;  // last: its sockets give back what they hold when they are destroyed
};

}  // namespace hubbub::inline v0
