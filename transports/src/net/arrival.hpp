// A connected socket on its way to its shard, and the counts of all of them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "net/address.hpp"
#include "net/address_counts.hpp"
#include "net/unique_fd.hpp"
#include "tls/tls_stream.hpp"

namespace hubbub::inline v0 {

/// Open sockets of all shards. Any thread.
struct socket_counts {
  std::atomic<std::size_t> open{0};
  address_counts by_address;

  /// One is gone; `place` is what `by_address` gave for it.
  void left(std::uint32_t place) noexcept {
    open.fetch_sub(1, std::memory_order_relaxed);
    by_address.leave(place);
  }
};

/// Owns a connected, non-blocking, counted socket until a poller takes it; counted out when none does. One thread at a
/// time.
class arrival {
 public:
  /// A socket that was counted already.
  arrival(unique_fd connected, const peer_address& from, socket_counts& counts, std::uint32_t place) noexcept
      : peer(from), connected_(std::move(connected)), counts_(&counts), place_(place) {}
  arrival(const arrival&) = delete;
  arrival& operator=(const arrival&) = delete;
  arrival(arrival&& other) noexcept = default;
  arrival& operator=(arrival&&) = delete;
  ~arrival() {
    if (connected_) counts_->left(place_);
  }

  /// Its place among the counts by address.
  [[nodiscard]] std::uint32_t place() const noexcept { return place_; }
  [[nodiscard]] int descriptor() const noexcept { return connected_.get(); }
  /// For the poller: the descriptor, which it counts out at its end.
  [[nodiscard]] int release() noexcept { return connected_.release(); }

  peer_address peer;
  std::shared_ptr<const tls_contexts> secure;  ///< a new connection shall speak TLS with these; null: plain
  std::unique_ptr<tls_stream> stream;          ///< ... or spoke TLS on another shard already

 private:
  unique_fd connected_;
  socket_counts* counts_;
  std::uint32_t place_;
};

}  // namespace hubbub::inline v0
