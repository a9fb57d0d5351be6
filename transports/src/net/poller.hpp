// The poller of a shard: which sockets are ready, and what they send at the end of a turn. This one speaks epoll.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hubbub/connection/outbox.hpp"
#include "hubbub/core/counter.hpp"
#include "hubbub/core/shard.hpp"
#include "net/arrival.hpp"
#include "net/socket.hpp"
#include "net/socket_slab.hpp"
#include "net/unique_fd.hpp"

struct epoll_event;

namespace hubbub::inline v0 {

class shard_server;

/// Something else that waits for a descriptor: a listener.
class watcher {
 public:
  /// The descriptor is readable. Inside a turn. Must not throw.
  virtual void on_ready() = 0;

 protected:
  ~watcher() = default;
};

/// All sockets of one shard. Everything happens on the shard's thread, but making it before the shard runs and
/// destroying it afterwards.
class poller final : private turn_listener {
 public:
  /// `counts` is that of all shards.
  poller(shard& home, shard_server& owner, socket_counts& counts);
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;
  ~poller();

  /// Begins to wait. Once, before or while the shard runs.
  void start();
  [[nodiscard]] shard& home() noexcept { return home_; }
  /// What else this shard has, for the sessions.
  [[nodiscard]] shard_server& owner() noexcept { return owner_; }

  /// Takes a socket in. Give it a session, then `begin`.
  socket& add(arrival&& connected);
  /// Begins to watch a socket. `expects_bytes`: its first bytes may be here already and are looked for.
  void begin(socket& one, bool expects_bytes);
  /// Watches another descriptor for reading.
  bool watch(watcher& wants, int fd) noexcept;
  /// Takes a descriptor out of the set without closing it.
  void forget(int fd) noexcept;
  /// Sockets open.
  [[nodiscard]] std::size_t size() const noexcept { return slab_.size() - buried_.size(); }
  /// Calls `visit(socket&)` for the open sockets of one part of all.
  template <class Visit>
  void each(unsigned part, unsigned parts, Visit&& visit) {
    slab_.each(part, parts, [&](socket& one) {
      if (!one.closed()) visit(one);
    });
  }

  /// Milliseconds since the poller was made, as of this turn; never 0.
  [[nodiscard]] std::uint32_t now() const noexcept {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(home_.now() - made_at_).count() + 1);
  }
  [[nodiscard]] send_workshop& workshop() noexcept { return workshop_; }
  [[nodiscard]] socket_counts& counts() noexcept { return counts_; }
  /// Bytes of all sockets, to be read on any thread.
  [[nodiscard]] const counter& bytes_received() const noexcept { return bytes_received_; }
  [[nodiscard]] const counter& bytes_sent() const noexcept { return bytes_sent_; }

 private:
  friend class socket;
  void add_dirty(socket& one);
  void rearm(socket& one) noexcept;
  bool arm(socket& one, int operation) noexcept;
  void bury(socket& closed) noexcept;
  void count_closed(std::uint32_t place) noexcept { counts_.left(place); }

  void wait();
  void go_on();
  void run_rounds();
  void dispatch(int count);
  void on_readable(socket& one, std::uint32_t events);
  void on_writable(socket& one);

  // TLS (poller_tls.cpp)
  struct tls_room {
    std::vector<std::unique_ptr<tls_stream>> streams{1};  // by socket::stream_; 0 is nobody's
    std::vector<std::uint32_t> free;
    std::unique_ptr<char[]> plain;  // what was decrypted last
    std::string encrypted;          // what is sent next
    struct record {
      socket* to;
      std::size_t end;
    };
    bool gathers = false;         // while several sockets are flushed
    std::string sealed;           // records that leave together, of several sockets
    std::vector<record> records;  // where they end
  };
  void keep_stream(socket& one, std::unique_ptr<tls_stream> stream);
  std::unique_ptr<tls_stream> take_stream(socket& one) noexcept;
  [[nodiscard]] tls_stream& stream_of(const socket& one) noexcept { return *tls_->streams[one.stream_]; }
  std::size_t send_secure(socket& one, bytes_view data) noexcept;
  std::size_t send_secure_soon(socket& one, bytes_view data) noexcept;
  void send_sealed() noexcept;
  bool write_out(socket& one, tls_stream& stream) noexcept;
  void keep_unsent(socket& one, tls_stream& stream, bytes_view rest) noexcept;
  bool flush_unsent(socket& one, tls_stream& stream) noexcept;
  void on_readable_secure(socket& one, std::uint32_t events);
  bool decrypt_all(socket& one);
  void resume_secure(socket& one);
  void say_goodbye(socket& one) noexcept;
  void add_unread(socket& one);
  void read_on();
  [[nodiscard]] bool has_more() const noexcept { return !dirty_.empty() || !backlog_.empty() || !unread_.empty(); }
  template <class Call>
  void guarded(socket& one, Call&& call);
  void end_after_exception(socket& one) noexcept;
  void on_turn_end() override;
  void flush_slice();
  void flush(std::vector<socket*>& queue, std::size_t& next, std::size_t most);
  void empty_graveyard() noexcept;

  static constexpr int events_per_round = 512;
  static constexpr int rounds_in_a_row = 16;
  static constexpr std::size_t slice = 256;  // sockets flushed between two looks at what has come: half a millisecond
  static constexpr std::size_t few = 64;     // sockets that may go before those of earlier turns
  static constexpr std::size_t receive_size = 64 * 1024;

  struct asio_side;
  shard& home_;
  shard_server& owner_;
  socket_counts& counts_;
  counter bytes_received_;
  counter bytes_sent_;
  time_point made_at_;
  unique_fd set_;
  std::unique_ptr<asio_side> asio_;
  std::unique_ptr<epoll_event[]> events_;
  std::unique_ptr<char[]> received_;
  std::vector<socket*> dirty_;    // became so during this turn, in that order
  std::vector<socket*> backlog_;  // those of earlier turns that no slice had room for, from backlog_next_ on
  std::size_t backlog_next_ = 0;
  std::vector<socket*> unread_;  // more may have come than was read
  bool in_rounds_ = false;
  bool going_on_ = false;
  std::vector<socket*> buried_;
  send_workshop workshop_;
  std::unique_ptr<tls_room> tls_;  // made for the first socket that speaks it
  socket_slab slab_;
};

}  // namespace hubbub::inline v0
