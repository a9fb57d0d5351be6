// A WebSocket on a socket: the link between a connection and its peer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hubbub/connection/connection.hpp"
#include "hubbub/connection/frame_header.hpp"
#include "negotiate/connection_table.hpp"
#include "net/session.hpp"
#include "websocket/websocket_reader.hpp"

namespace hubbub::inline v0 {

class raw_peer;
class shard_server;
class socket;

/// Reads frames into the connection (hubs: as one stream; raw: message by message) and sends its outbox. One shard;
/// lives inside its socket, so its size counts for every idle connection.
class websocket_session final : public session, public link {
 public:
  /// Carries `who`, in whose outbox the answer to the upgrade stands first; `raw` (null at hubs) becomes its own.
  /// `table_entry`: of a negotiated connection.
  websocket_session(socket& own, connection_ref who, std::unique_ptr<raw_peer> raw, std::uint32_t table_entry,
                    std::size_t max_message);
  ~websocket_session() override;

  /// The connection begins: its handler may be called after this.
  void attach();
  /// The connection goes on (stateful reconnect): `answer` to the upgrade leaves first, then what its client lacks.
  void resume(bytes_view answer);

  // session
  void on_received(char* data, std::size_t size) override;
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
  void give_up() override;

  /// Like `finish`, with a code and a reason of the application (raw WebSockets).
  void finish_with(std::uint16_t code, std::string_view reason);
  /// A raw WebSocket is given up because its client takes too little.
  void count_slow() noexcept;

 private:
  enum class state : std::uint8_t {
    open,
    finishing,  // the outbox still leaves, then comes our close frame
    closing,    // our close frame is queued or sent, the peer's has not come
    answering,  // both are known; closed as soon as ours has left
    refusing,   // the peer broke the rules: our close frame leaves
    leaving,    // ... and has left; nothing is listened to until the peer has read it and goes
    dropped,    // to be closed at the end of the turn
  };
  struct control_output {
    std::string bytes;  // whole control frames, sent before the next message
    std::size_t sent = 0;
    std::string reason;  // of a close frame to come
  };

  [[nodiscard]] control_output& control();
  void queue_pong(std::string_view payload);
  void queue_close(std::uint16_t code, std::string_view reason = {});
  [[nodiscard]] bool control_waits() const noexcept { return control_ != nullptr && !control_->bytes.empty(); }
  [[nodiscard]] bool between_messages() const noexcept;
  bool send_control();
  void send_out();
  void after_sending(bool was_full);
  void step_on();
  void deliver(const websocket_event& event);
  void on_peer_close(const websocket_event& event);
  void refuse(std::uint16_t code);
  void begin_close();
  void end_connection(close_cause cause, std::string text, std::uint16_t code);
  void lose(close_cause cause, std::string text);
  void close_socket(close_cause cause, std::string text, std::uint16_t code);
  [[nodiscard]] shard_server& server() const noexcept;

  socket* socket_;
  connection_ref connection_;
  std::unique_ptr<control_output> control_;
  std::unique_ptr<raw_peer> raw_;
  websocket_reader reader_;
  std::uint32_t table_entry_;
  std::uint16_t close_code_ = 1000;  // to be sent after the outbox
  state state_ = state::open;
  bool upgraded_ = false;  // the answer to the upgrade has left, at least in part
};

}  // namespace hubbub::inline v0
