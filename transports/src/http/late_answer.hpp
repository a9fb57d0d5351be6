// Requests whose answer comes later, and often from another shard: polls, POSTs and DELETEs go to the home of their
// connection while their socket stays where it is (decision 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "negotiate/token_bits.hpp"

namespace hubbub::inline v0 {

class http_session;
class shard_server;

/// Names a request that waits for its answer. A value; any thread may keep it, the request may be gone by then.
struct request_ticket {
  shard_server* at = nullptr;  ///< of its socket; null: no request
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  explicit operator bool() const noexcept { return at != nullptr; }
  bool operator==(const request_ticket&) const noexcept = default;
};

/// The answer to such a request; its CORS headers are known where it waits.
struct late_answer {
  int status = 200;
  std::string_view content_type = "text/plain";  ///< a literal
  bool of_poll = false;                          ///< with the headers that polls are answered with
  bool report = false;                           ///< whether it was wholly written is told to the poll's link
  std::string body{};
};

/// Sends the answer to wherever the request waits; nothing happens when nobody waits any more. On the thread of
/// `from`. False when the other shard's mailbox is full.
bool answer_later(shard_server& from, const request_ticket& to, late_answer what);

/// What became of the answer to a poll.
enum class poll_outcome : std::uint8_t {
  written,    ///< wholly, to the socket
  lost,       ///< the client went before that, or before there was an answer
  timed_out,  ///< the client took nothing of it for `send_timeout`
};

/// The connection that a poll belongs to, for those who tell it of the poll's fate.
struct poll_place {
  shard_server* home = nullptr;  ///< null: the request is no poll
  token_bits bits{};             ///< in the table of `home`
};

/// What a session keeps of a request that waits: everything else of it was given away.
struct parked_request {
  std::uint32_t slot = 0;
  poll_place poll;
  bool keep_alive = true;
  bool says_so = false;    ///< HTTP/1.0 hears `keep-alive`
  bool reporting = false;  ///< the answer is on its way to the socket
  bool timed_out = false;
  std::vector<std::pair<std::string, std::string>> headers;  ///< CORS
  std::string unread;                                        ///< what came behind the request
};

/// The sessions of a shard that wait for answers, by ticket. One shard.
class waiting_room {
 public:
  /// Admits a session; its number is the slot of its ticket.
  std::uint32_t enter(http_session& waiting) {
    if (free_.empty()) {
      free_.reserve(slots_.size() + 1);  // so that leaving needs no memory
      slots_.push_back({});
      free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot].waiting = &waiting;
    return slot;
  }
  [[nodiscard]] std::uint32_t generation(std::uint32_t slot) const noexcept { return slots_[slot].generation; }
  /// Its ticket leads nowhere from here on.
  void leave(std::uint32_t slot) noexcept {
    slots_[slot].waiting = nullptr;
    ++slots_[slot].generation;
    free_.push_back(slot);
  }
  /// Null when it waits no more.
  [[nodiscard]] http_session* find(const request_ticket& ticket) const noexcept {
    if (ticket.slot >= slots_.size() || slots_[ticket.slot].generation != ticket.generation) return nullptr;
    return slots_[ticket.slot].waiting;
  }

 private:
  struct place {
    http_session* waiting = nullptr;
    std::uint32_t generation = 0;
  };
  std::vector<place> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace hubbub::inline v0
