// A client as bytes: the far end of a connection, for tests of what is on the wire and of slow, silent and broken
// peers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/connection/connection.hpp"
#include "hubbub/core/clock.hpp"

namespace hubbub::inline v0::testing {

namespace detail {
class node;
class post_office;
}  // namespace detail

/// How a connection ended, as its transport sees it.
enum class wire_end : std::uint8_t {
  none,      ///< it has not
  finished,  ///< the hub ended it in order
  failed,    ///< the hub ended it, and application code failed meanwhile (WebSocket close 1011)
  dropped,   ///< the hub cut it off
  left,      ///< the client left
};

/// A client that sends and takes bytes and understands none of them. Made by `host::arrive`, lives as long as the host.
/// The test's thread.
class raw_client final : private link {
 public:
  /// For the host only.
  raw_client(detail::node& on, detail::post_office& office, connection_ref who);
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  ~raw_client() = default;

  /// Sends these bytes as they are, and lets everything come to rest. While the server does not read they wait here.
  void say(bytes_view sent);
  /// The connection ends, as the hub's `on_disconnected` is told; then everything comes to rest.
  void leave(close_reason why = {close_cause::client_left, {}});
  /// Asks for the end without saying so on the wire: what a DELETE of long polling does (transports.md 10). The hub
  /// says goodbye; then everything comes to rest.
  void remove();
  /// The wire is cut: nobody says goodbye. Where stateful reconnect was agreed on the connection waits for `resume`;
  /// any other ends as by `leave`. Then everything comes to rest.
  void cut();
  /// A new wire, in place of one that is cut or not; then everything comes to rest. The hub's Sequence and what it
  /// sends again are among `writes`. False when the connection cannot be resumed (any more).
  bool resume();
  /// From now on what is sent, in either direction, gets lost on its way, as when a network fails before anybody has
  /// noticed; until `resume`.
  void lose_everything();
  /// True when client and hub agreed on stateful reconnect.
  [[nodiscard]] bool stateful() const noexcept { return connection_->stateful(); }
  /// Takes nothing any more, like a peer whose window is full.
  void stop_reading();
  /// Takes what has waited, and reads on.
  void read_again();

  /// All transport messages so far, each as it was written. Bytes of `take` are gone.
  [[nodiscard]] const std::vector<std::string>& writes() const noexcept { return writes_; }
  /// All bytes that came since the last call.
  [[nodiscard]] std::string take();
  /// How the connection ended.
  [[nodiscard]] wire_end ended() const noexcept { return end_; }
  /// Public id of the connection.
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  /// The shard it lives on.
  [[nodiscard]] unsigned shard() const noexcept { return home_.index(); }
  /// True while the hub does not want to read: what is said waits here.
  [[nodiscard]] bool asked_to_pause() const noexcept { return paused_; }
  /// Bytes said that wait here.
  [[nodiscard]] std::size_t unread_by_server() const noexcept { return held_back_.size(); }
  /// Bytes that wait in the server for this client.
  [[nodiscard]] std::size_t waiting_bytes() const noexcept;
  /// How often the hub asked for a flush inside of a turn, since its outbox was about to overflow.
  [[nodiscard]] std::size_t flushes_asked() const noexcept { return flushes_asked_; }

 private:
  friend class detail::node;
  friend class detail::post_office;
  // link
  void wake() override { mark(); }
  void flush_now() override;
  void finish(ending how) override;
  void drop() override;
  void pause_reading() override { paused_ = true; }
  void resume_reading() override;
  void give_up() override {}  // it stands in for itself
  // On the shard
  void give_up_after(std::chrono::milliseconds limit);
  void deliver(bytes_view sent);
  void mark();
  void get_on();
  void send_out();
  void note_end(wire_end how, close_reason why);

  detail::node& node_;
  detail::post_office& office_;
  hubbub::shard& home_;
  connection_ref connection_;
  std::string id_;
  std::vector<std::string> writes_;
  std::string held_back_;
  std::size_t flushes_asked_ = 0;
  std::optional<wire_end> wanted_end_;
  wire_end end_ = wire_end::none;
  bool marked_ = false;
  bool deaf_ = false;
  bool paused_ = false;
  bool lossy_ = false;
  std::optional<time_point> cut_at_;
};

}  // namespace hubbub::inline v0::testing
