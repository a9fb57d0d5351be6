// Server-Sent Events on a socket: the half of a connection that goes to the client; the other half comes as POSTs.
#pragma once

#include <cstdint>

#include "hubbub/connection/connection.hpp"
#include "negotiate/connection_table.hpp"
#include "net/session.hpp"

namespace hubbub::inline v0 {

class shard_server;
class socket;

/// Sends the outbox of a connection as an event stream (transports.md 7). One shard; lives inside its socket.
class event_stream_session final : public session, public link {
 public:
  /// Carries `who`, in whose outbox the head of the answer stands first. `chunked`: the client speaks HTTP/1.1.
  event_stream_session(socket& own, connection_ref who, std::uint32_t table_entry, bool chunked) noexcept;
  ~event_stream_session() override;

  /// The connection begins: its handler may be called after this.
  void attach();

  // session
  void on_received(char*, std::size_t) override {}  // a client has nothing more to say on this socket
  void on_peer_gone(bool reset) override;
  void on_flush() override;
  void on_sweep(std::uint32_t now) override;
  void on_stop(bool force) override;

  // link
  void wake() override;
  void flush_now() override;
  void finish(ending how) override;
  void drop() override;
  void pause_reading() override;
  void resume_reading() override;

 private:
  enum class state : std::uint8_t {
    open,
    finishing,  // the outbox still leaves
    leaving,    // everything has left: until the client has seen the end
    dropped,    // to be closed at the end of the turn
  };
  void send_out();
  void close_socket(close_reason why);
  [[nodiscard]] shard_server& server() const noexcept;

  socket* socket_;
  connection_ref connection_;
  std::uint32_t table_entry_;
  state state_ = state::open;
  bool chunked_;
};

}  // namespace hubbub::inline v0
