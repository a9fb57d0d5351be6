// A client's socket and the session on it: everything that an idle connection costs in this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "hubbub/core/bytes.hpp"
#include "net/arrival.hpp"
#include "net/session.hpp"
#include "net/unique_fd.hpp"

namespace hubbub::inline v0 {

class poller;

/// One non-blocking socket of a poller. Lives in the poller's slab, on its shard. The session lies inside of it.
class socket final {
 public:
  /// For the poller: wraps a descriptor; `place` is its place among the counts by address.
  socket(poller& home, int fd, std::uint32_t place) noexcept : home_(&home), fd_(fd), place_in_counts_(place) {}
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;
  ~socket() {
    if (has_session_) current().~session();
  }

  /// Replaces the session. The old one is destroyed before the new one is made.
  template <class Session, class... Arguments>
  Session& become(Arguments&&... arguments) {
    static_assert(sizeof(Session) <= sizeof(place_) && alignof(Session) <= alignof(void*));
    static_assert(std::is_base_of_v<session, Session>);
    if (has_session_) current().~session();
    has_session_ = false;
    auto* fresh = ::new (static_cast<void*>(place_)) Session(*this, std::forward<Arguments>(arguments)...);
    has_session_ = true;
    return *fresh;
  }
  [[nodiscard]] session& current() noexcept { return *std::launder(reinterpret_cast<session*>(place_)); }
  [[nodiscard]] poller& home() const noexcept { return *home_; }

  /// Sends what the socket takes now; returns how much. When that is not all, `on_flush` comes as soon as it takes
  /// more, unless the socket has `failed`.
  std::size_t send(bytes_view data) noexcept;
  /// The same for what may leave at the end of this flush, together with that of other sockets: it is taken although it
  /// has not left yet, and what the socket does not take then leaves before anything else. Not for the last that is
  /// sent.
  std::size_t send_soon(bytes_view data) noexcept;
  /// True while the socket takes no more bytes.
  [[nodiscard]] bool blocked() const noexcept { return blocked_; }
  /// True when a send failed: the peer is gone.
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  /// True while `on_flush` is due because the socket was full.
  [[nodiscard]] bool awaits_room() const noexcept { return awaits_room_; }

  /// Asks for `on_flush` at the end of this turn, or of one that is started for it.
  void mark_dirty();
  /// Stops and starts reading; the end of the peer is noticed all the time.
  void read(bool wanted) noexcept;
  [[nodiscard]] bool reads() const noexcept { return reading_; }
  /// No more bytes will be sent; the peer sees the end behind what was sent.
  void end_sending() noexcept;
  /// Closes now. The object lives until the end of the turn.
  void close() noexcept;
  /// True after `close` or `depart`.
  [[nodiscard]] bool closed() const noexcept { return fd_ < 0; }
  /// Gives the connection away; the object is of no use afterwards. `peer`: where it came from.
  [[nodiscard]] arrival depart(const peer_address& peer);
  /// True for TLS.
  [[nodiscard]] bool secure() const noexcept { return stream_ != 0; }
  /// The client's certificate, when TLS asked for one and it came.
  [[nodiscard]] std::shared_ptr<const client_certificate> certificate() const;
  [[nodiscard]] int descriptor() const noexcept { return fd_; }

  /// Remembers that something began or went on now, for `waited`.
  void start_clock() noexcept;
  /// Milliseconds since `start_clock`.
  [[nodiscard]] std::uint32_t waited(std::uint32_t now) const noexcept { return now - since_; }

 private:
  friend class poller;
  std::size_t send_raw(bytes_view data) noexcept;

  poller* home_;
  int fd_;
  std::uint32_t since_ = 0;
  std::uint32_t place_in_counts_;
  bool has_session_ : 1 = false;
  bool watched_ : 1 = false;  // in the poller's set
  bool reading_ : 1 = true;
  bool blocked_ : 1 = false;      // took less than it was given
  bool awaits_room_ : 1 = false;  // watched for writing
  bool failed_ : 1 = false;
  bool dirty_ : 1 = false;         // in the poller's list of those to flush
  bool unread_ : 1 = false;        // in the poller's list of those to read on
  std::uint32_t stream_ : 24 = 0;  // number of its TLS stream at the poller; 0: it speaks plain
  alignas(void*) std::byte place_[96];
};

static_assert(sizeof(socket) <= 120, "an idle connection pays for each of these bytes");

}  // namespace hubbub::inline v0
