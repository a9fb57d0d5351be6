// A raw WebSocket as the application sees it: whole messages, cut and limited.
#pragma once

#include <string>

#include "hubbub/connection/connection.hpp"
#include "hubbub/raw_websocket.hpp"
#include "websocket/websocket_reader.hpp"

namespace hubbub::inline v0 {

class websocket_session;

/// Gathers the pieces of messages and calls the application. Owned by its session; one shard.
class raw_peer final : public raw_websocket, public connection_receiver {
 public:
  raw_peer(connection& who, const websocket_handler& handler) noexcept : connection_(who), handler_(handler) {}

  /// Begins: `carrier` is where close() goes.
  void open(websocket_session& carrier);
  /// A piece of a message came.
  void on_piece(const websocket_event& event);
  /// The WebSocket is over; `code` is the peer's.
  void closed(std::uint16_t code);

  // raw_websocket
  void send_text(std::string_view text) override;
  void send_binary(std::string_view payload) override;
  void close(std::uint16_t code, std::string_view reason) override;
  void drop() override;
  [[nodiscard]] std::size_t waiting_bytes() const noexcept override { return connection_.waiting_bytes(); }
  [[nodiscard]] const request& started_by() const noexcept override { return *connection_.started_by().whole(); }
  [[nodiscard]] const principal* user() const noexcept override { return connection_.user(); }
  [[nodiscard]] shard& home() const noexcept override { return connection_.home(); }

  // connection_receiver
  void on_removed() override {}  // nobody can DELETE a WebSocket
  void on_bytes(bytes_view) override {}
  void on_closed(close_reason) override {}
  void on_outbox_full() override;
  void on_drained() override {}

 private:
  template <class Call>
  void guarded(Call&& call);
  void fail(std::string_view what);

  connection& connection_;  // kept alive by the session
  const websocket_handler& handler_;
  websocket_session* carrier_ = nullptr;
  std::string message_;  // pieces of a message that is not whole
};

}  // namespace hubbub::inline v0
