// What sits on a socket and gives its bytes a meaning: HTTP first, then perhaps a WebSocket.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hubbub::inline v0 {

/// A passive protocol on one socket; lives inside the socket and on its shard. All calls come inside a turn. A session
/// that closes its socket stays alive until the end of the turn; one that replaces itself does not and must return at
/// once.
class session {
 public:
  virtual ~session() = default;
  /// Bytes came. They lie in the shard's receive buffer and may be changed; they are gone after the call.
  virtual void on_received(char* data, std::size_t size) = 0;
  /// The peer ended its side or the socket failed (`reset`). The session closes the socket, now or when it has
  /// answered.
  virtual void on_peer_gone(bool reset) = 0;
  /// The end of a turn for which the socket was marked dirty (it may be blocked), or the socket takes bytes again: send
  /// what waits.
  virtual void on_flush() = 0;
  /// About once a second: `now` in milliseconds of the poller.
  virtual void on_sweep(std::uint32_t now) = 0;
  /// The server stops. Idle ones close at once; `force`: all do.
  virtual void on_stop(bool force) = 0;
};

}  // namespace hubbub::inline v0
