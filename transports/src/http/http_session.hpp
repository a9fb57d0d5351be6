// HTTP on a socket: requests are read, served in order and answered; one of them may turn the socket into a WebSocket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "endpoint/home_request.hpp"
#include "http/http_exchange.hpp"
#include "http/late_answer.hpp"
#include "hubbub/connection/connection.hpp"
#include "hubbub/http.hpp"
#include "negotiate/connection_table.hpp"
#include "net/address.hpp"
#include "net/session.hpp"
#include "net/socket.hpp"
#include "site.hpp"

namespace hubbub::inline v0 {

/// What has become of a request. `moved`: the session does not exist any more.
enum class served : std::uint8_t { answered, waiting, moved };

/// Passive; lives inside its socket.
class http_session final : public session {
 public:
  http_session(socket& own, const peer_address& peer) noexcept : socket_(&own), peer_(peer) {}
  /// Continues what another shard began: the exchange holds a whole request.
  http_session(socket& own, const peer_address& peer, std::unique_ptr<http_exchange> begun) noexcept;
  ~http_session() override;

  // session
  void on_received(char* data, std::size_t size) override;
  void on_peer_gone(bool reset) override;
  void on_flush() override;
  void on_sweep(std::uint32_t now) override;
  void on_stop(bool force) override;

  /// Serves the request in the exchange (again, after a wait or on another shard), then what came behind it.
  void go_on();

  // For those who serve requests (endpoint/):
  [[nodiscard]] http_exchange& exchange() noexcept { return *exchange_; }
  [[nodiscard]] const request& asked() noexcept { return exchange_->reader.request(); }
  [[nodiscard]] shard_server& server() const noexcept;
  /// Queues the answer to the request; the session is ready for the next one.
  served answer(const response& what);
  /// The socket becomes a WebSocket that carries `who`. The answer leaves at once.
  served upgrade(connection_ref who, const hub_mapping* hub, const raw_mapping* raw, std::uint32_t table_entry);
  /// The socket becomes the WebSocket that carries `who` on, instead of the one that did (stateful reconnect).
  served resume(connection_ref who, std::uint32_t table_entry);
  /// The socket becomes an event stream that carries `who`.
  served stream(connection_ref who, const hub_mapping& hub, std::uint32_t table_entry);
  /// The socket goes to another shard with everything that came, and the request is served there.
  served hand_over(shard_server& other);
  /// The request goes to the home of its connection; its answer comes as a late one, perhaps before this returns.
  served leave_to(shard_server& home, home_request::kind what, const token_bits& bits, const hub_mapping& hub);

  // For those who answer later (see `answer_later`), while the request waits:
  /// Queues the head of the answer; `size` bytes of body go into what is returned.
  wire_buffer& begin_late_answer(const late_answer& what, std::size_t size);
  /// The body is there. `report`: whether it was wholly written is told to the poll's link.
  void end_late_answer(bool report);

 private:
  enum class state : std::uint8_t {
    open,
    leaving,    // closed as soon as the answers have left
    lingering,  // ... and what the peer still sends has been read, so that it can read the answer
    draining,   // nothing more is sent
  };

  void identify();
  [[nodiscard]] bool may_go_on(bool once_more = false) noexcept;
  void ensure_exchange();
  void consume(char* data, std::size_t size);
  void hold_rest();
  void unpark();
  void report(poll_outcome how);
  served serve();
  void refuse(int status, std::string_view reason);
  void send_out();
  void leave_exchange();
  void read_on();
  [[nodiscard]] bool idle() const noexcept;
  void abandon();

  socket* socket_;
  std::unique_ptr<http_exchange> exchange_;  // while a request is read, worked on or answered
  char* rest_ = nullptr;                     // what came behind the request being served
  std::size_t rest_size_ = 0;
  std::unique_ptr<parked_request> parked_;  // a request waits for a late answer, or its answer for being written
  peer_address peer_;
  std::uint32_t requests_ = 0;  // answered on this connection, while there is a limit
  state state_ = state::open;
  bool stopping_ = false;
  bool polled_ = false;   // the last answer was a poll's, and its client is about to ask for more
  bool serving_ = false;  // inside serve_request: what came behind the request is in rest_
  bool crowded_ = false;  // answers wait to be read: no further request is begun until they have left
};

}  // namespace hubbub::inline v0
