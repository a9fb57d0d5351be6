// What stands in for the lost WebSocket of a connection until its client comes back (stateful reconnect).
#pragma once

#include <cstdint>

#include "endpoint/turn_work.hpp"
#include "hubbub/connection/connection.hpp"

namespace hubbub::inline v0 {

class shard_server;

/// Sends nothing and reads nothing; ends the connection when the hub wants that, or when nobody came for too long.
/// Belongs to the table of negotiated connections, one shard. `end` and `give_up` destroy it.
class detached_link final : public link, private turn_work {
 public:
  /// Takes the place of the transport of `carried`, the connection of an entry of the table.
  detached_link(shard_server& home, connection& carried, std::uint32_t entry);
  detached_link(const detached_link&) = delete;
  detached_link& operator=(const detached_link&) = delete;
  ~detached_link();

  /// About once a second: `now` in milliseconds of the poller.
  void on_sweep(std::uint32_t now);

  // link
  void wake() override {}
  void flush_now() override {}
  void finish(ending how) override;
  void drop() override;
  void pause_reading() override {}
  void resume_reading() override {}
  void give_up() override;

 private:
  void act() override;
  void end(close_reason why);

  shard_server& home_;
  connection& connection_;
  std::uint32_t entry_;
  std::uint32_t since_;
};

}  // namespace hubbub::inline v0
