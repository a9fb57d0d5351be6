// A testing client's part of stateful reconnect: what it would send again, and what it has had before.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "hubbub/core/bytes.hpp"
#include "hubbub/core/clock.hpp"
#include "hubbub/core/wire_buffer.hpp"
#include "hubbub/protocol/hub_message.hpp"
#include "hubbub/protocol/hub_protocol.hpp"

namespace hubbub::inline v0::testing::detail {

/// Behaves as Microsoft's JavaScript client does (hub-protocol.md 10). The test's thread.
class client_replay {
 public:
  explicit client_replay(const hub_protocol& protocol) noexcept : protocol_(protocol) {}

  /// A numbered message is sent, or would be if there were a wire.
  void sent(bytes_view message) { unacknowledged_.emplace_back(message); }
  /// A new wire comes: what comes over it is dropped until the hub's Sequence has come.
  void await_sequence() noexcept { awaits_sequence_ = true; }
  /// ... and is there: appends the Sequence and everything that was not acknowledged.
  void begin_again(wire_buffer& out);
  /// A message came. False: the client has had it before, or it is not for the application.
  [[nodiscard]] bool lets_in(const hub_message& message, time_point now);
  /// When it acknowledges, a second after something came; nothing: there is nothing to acknowledge.
  [[nodiscard]] std::optional<time_point> ack_at() const noexcept { return ack_at_; }
  void write_ack(wire_buffer& out);
  /// The hub says it begins behind what has come: the client had to give up. Empty: it did not.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  const hub_protocol& protocol_;
  std::deque<std::string> unacknowledged_;
  std::int64_t first_ = 1;  // number of the first of them
  std::int64_t next_ = 1;   // number of the next message that comes
  std::int64_t latest_ = 0;
  bool awaits_sequence_ = false;
  std::optional<time_point> ack_at_;
  std::string problem_;
};

}  // namespace hubbub::inline v0::testing::detail
