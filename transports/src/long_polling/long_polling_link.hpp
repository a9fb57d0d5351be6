// Long polling: the link between a connection and polls that come and go.
//
//   idle ---poll---> parked ---data, at the end of the turn---> answering ---written---> idle
//                      | timeout: 200, empty -> idle               | not written: nothing was taken -> idle
//                      | a newer poll: this one gets 204           | a newer poll waits until this is known
//                      | hub ended, nothing left: 204 -> end
#pragma once

#include <cstddef>
#include <cstdint>

#include "endpoint/turn_work.hpp"
#include "http/late_answer.hpp"
#include "hubbub/connection/connection.hpp"

namespace hubbub::inline v0 {

struct hub_mapping;

/// Carries a connection by polls (transports.md 8). What an answer carries stays in the outbox until the whole answer
/// was written to the poll's socket, which may belong to another shard (decision 34). Belongs to the connection's entry
/// in the table of its home; one shard. Every call may end the connection and with it this object, but those of `link`.
class long_polling_link final : public link, private turn_work {
 public:
  /// The first poll has come; `hub` outlives this.
  long_polling_link(shard_server& home, connection& carried, std::uint32_t entry, const hub_mapping& hub) noexcept;
  long_polling_link(const long_polling_link&) = delete;
  long_polling_link& operator=(const long_polling_link&) = delete;
  ~long_polling_link();

  /// A poll. The first one is answered at once and starts the hub.
  void poll(const request_ticket& from);
  /// DELETE: the hub says goodbye; the token is dead already.
  void remove();
  /// What became of a poll or of its answer.
  void reported(const request_ticket& of, poll_outcome how);
  /// About once a second: `now` in milliseconds of the poller.
  void on_sweep(std::uint32_t now);
  /// A poll waits here for data.
  [[nodiscard]] bool has_open_poll() const noexcept { return static_cast<bool>(parked_); }

  // link
  void wake() override;
  void flush_now() override {}  // one answer per poll: nothing to be gained
  void finish(ending how) override;
  void drop() override;
  void pause_reading() override;
  void resume_reading() override;

 private:
  void act() override;
  void send_batch();
  void step_on();
  void answer(request_ticket& to, int status, std::string_view content_type);
  void end(close_reason why);

  shard_server& home_;
  connection& connection_;
  const hub_mapping& hub_;
  request_ticket parked_;     // waits for data
  request_ticket answering_;  // gets the first in_flight_ bytes of the outbox
  request_ticket next_;       // came meanwhile
  std::size_t in_flight_ = 0;
  std::uint32_t entry_;
  std::uint32_t since_;  // when the poll was parked, or the last one ended
  bool started_ = false;
  bool removed_ = false;
  bool finishing_ = false;  // the hub has ended: what is queued still leaves
  bool dropped_ = false;
};

}  // namespace hubbub::inline v0
