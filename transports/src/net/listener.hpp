// Accepts connections at one address and deals them out.
#pragma once

#include <cstdint>
#include <functional>

#include "hubbub/core/shard.hpp"
#include "net/address.hpp"
#include "net/poller.hpp"

namespace hubbub::inline v0 {

/// A listening socket of a poller. Lives on the poller's shard; destroyed there or after it.
class listener final : private watcher, private timer_entry {
 public:
  /// Gets every accepted connection, non-blocking and with TCP_NODELAY.
  using deal = std::function<void(unique_fd, const peer_address&)>;

  listener(poller& home, listening where, deal accepted);
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
  ~listener();

  /// Begins to accept.
  void start();
  /// Accepts no more and removes the file of a Unix socket.
  void stop() noexcept;
  [[nodiscard]] const listening& where() const noexcept { return where_; }

 private:
  void on_ready() override;
  void on_due() override;
  void rest(int error);

  poller& home_;
  listening where_;
  deal accepted_;
  time_point complained_at_ = time_point::min();
  bool watched_ = false;
};

}  // namespace hubbub::inline v0
