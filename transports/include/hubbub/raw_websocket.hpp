// WebSockets without a hub: messages with their boundaries and kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "hubbub/connection/principal.hpp"
#include "hubbub/connection/request.hpp"
#include "hubbub/core/shard.hpp"

namespace hubbub::inline v0 {

/// What a WebSocket message is.
enum class websocket_kind : std::uint8_t { text, binary };

/// One open WebSocket. Valid from `on_open` until `on_close` has returned; to be used on its shard only.
class raw_websocket {
 public:
  /// Queues a text message; never waits. The text should be UTF-8. Nothing is sent after `close`.
  virtual void send_text(std::string_view text) = 0;
  /// Queues a binary message; never waits.
  virtual void send_binary(std::string_view payload) = 0;
  /// Queues a message of that kind.
  void send(websocket_kind kind, std::string_view payload) {
    kind == websocket_kind::text ? send_text(payload) : send_binary(payload);
  }
  /// Sends what is queued, then closes with a code of RFC 6455 (1000 to 1014 as far as they may be sent, 3000 to 4999)
  /// and a reason of at most 123 bytes.
  virtual void close(std::uint16_t code = 1000, std::string_view reason = {}) = 0;
  /// Ends it at once.
  virtual void drop() = 0;
  /// Bytes that wait to be sent.
  [[nodiscard]] virtual std::size_t waiting_bytes() const noexcept = 0;
  /// The request that opened it.
  [[nodiscard]] virtual const request& started_by() const noexcept = 0;
  /// Who was authenticated; null: nobody.
  [[nodiscard]] virtual const principal* user() const noexcept = 0;
  /// Where it lives: other threads post their work there.
  [[nodiscard]] virtual shard& home() const noexcept = 0;
  /// A place for the application.
  std::shared_ptr<void> data;

 protected:
  ~raw_websocket() = default;
};

/// What the application does with WebSockets of a path. Each is called on the WebSocket's shard, so all shards may be
/// in one of them at the same time. An exception ends the WebSocket with 1011 and is logged.
struct websocket_handler {
  std::function<void(raw_websocket&)> on_open;
  std::function<void(raw_websocket&, websocket_kind, std::string_view)> on_message;  ///< the view dies with the call
  std::function<void(raw_websocket&, std::uint16_t)> on_close;  ///< the peer's code; 1006: none came
};

/// Limits of the WebSockets of a path.
struct websocket_limits {
  std::size_t max_message_size = 32 * 1024;    ///< bytes; more is answered with 1009. 0: no limit
  std::size_t outbox_limit = 4 * 1024 * 1024;  ///< bytes that may wait; more ends the WebSocket
};

}  // namespace hubbub::inline v0
