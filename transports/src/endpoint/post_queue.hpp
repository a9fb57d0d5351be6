// What clients POST to a connection that is carried by an event stream or by polls: in order, and no faster than the
// hub takes it.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "endpoint/turn_work.hpp"
#include "http/late_answer.hpp"
#include "hubbub/connection/connection.hpp"
#include "hubbub/connection/request.hpp"

namespace hubbub::inline v0 {

/// What a POST to a connection hears that a WebSocket carries.
constexpr std::string_view no_posts = "POST requests are not allowed for WebSocket connections.";

/// The POSTs of one connection (transports.md 9). A POST is answered with 200 when the hub has taken its bytes: while
/// the hub wants no input, the one that filled its room and all behind it wait. Concurrent ones are served in the order
/// in which they arrive at the connection's home. Belongs to the connection's entry in the table; one shard.
class post_queue final : private turn_work {
 public:
  post_queue(shard_server& home, connection& to) noexcept : home_(home), connection_(to) {}
  post_queue(const post_queue&) = delete;
  post_queue& operator=(const post_queue&) = delete;
  /// Those who wait are answered with 404: the connection is gone.
  ~post_queue();

  /// Delivers at once when nothing stands in front. False: nothing was delivered, use `accept`.
  [[nodiscard]] bool deliver_now(bytes_view body);
  /// True after `deliver_now` when the answer must wait: use `hold`.
  [[nodiscard]] bool full() const noexcept { return paused_; }
  /// The answer to a POST that was delivered comes when the hub wants input again.
  void hold(const request_ticket& from);
  /// Delivers a POST, now or in its turn, and answers it.
  void accept(std::unique_ptr<request> asked, const request_ticket& from);

  /// A transport carries the connection: what came before is delivered.
  void open();
  /// A WebSocket carries the connection, before its first frame is read: what was answered with 200 before it came is
  /// delivered, at once; what was not is answered with 405, like all that comes later.
  void end_early();
  /// The hub wants no more for now.
  void pause() noexcept { paused_ = true; }
  /// The hub wants input again; it gets it before the turn ends.
  void resume();

 private:
  struct waiting {
    std::unique_ptr<request> asked;
    request_ticket from;  // null: answered already
  };
  void act() override;
  void answer(const request_ticket& to, int status);
  [[nodiscard]] bool idle() const noexcept { return next_ == waiting_.size(); }

  shard_server& home_;
  connection& connection_;
  std::vector<waiting> waiting_;  // from next_ on
  std::size_t next_ = 0;
  std::size_t bytes_ = 0;             // of bodies that wait
  std::vector<request_ticket> held_;  // delivered, not answered
  bool open_ = false;
  bool paused_ = false;
};

}  // namespace hubbub::inline v0
