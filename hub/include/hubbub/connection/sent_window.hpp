// What a connection has sent and its client has not acknowledged: the rear part of its outbox under stateful reconnect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hubbub/connection/frame.hpp"

namespace hubbub::inline v0 {

/// Numbered messages that may have to be sent again (hub-protocol.md 10). The n-th one of a connection has the number
/// n; numbers are given when a message has wholly left. Knows neither clocks nor sockets; one shard.
///
/// A client counts from the number that a Sequence told it, and an Ack may come from before that count began. So what a
/// former transport has carried stays, to be announced again with the same number, until an Ack covers something that
/// this transport was the first to carry. Meanwhile it does not count: a client that never acknowledges twice cannot
/// stop what is new.
class sent_window {
 public:
  /// `limit`: bytes; see `open`.
  explicit sent_window(std::size_t limit) noexcept : limit_(limit) {}
  sent_window(const sent_window&) = delete;
  sent_window& operator=(const sent_window&) = delete;
  ~sent_window();

  /// True while one more message may leave, behind `more` bytes that are about to: less than the limit was sent over
  /// this transport and not acknowledged, and less than twice the limit is kept in all.
  [[nodiscard]] bool open(std::size_t more = 0) const noexcept {
    return bytes_ + more < limit_ * 2 + lifted_ && fresh_bytes_ + more < limit_ + lifted_;
  }
  /// While nothing of the client is read, no Ack is seen either: so many bytes more may leave. 0: as usual.
  void lift(std::size_t bytes) noexcept { lifted_ = bytes; }

  /// A message has left: `size` bytes, of which one reference is adopted. Throws bad_alloc (it is then still the
  /// caller's).
  void keep(frame* sent, std::size_t size);
  /// An Ack: everything up to `number` has arrived. Numbers of what was never sent count as the last that was.
  void acknowledge(std::int64_t number) noexcept;
  /// The transport is another one. `again` is called for everything that is kept, the last first, with one reference
  /// each; it will be kept anew when it has left once more.
  template <class Again>
  void rewind(Again&& again) {
    again_bytes_ += bytes_;
    while (kept_.size() != begin_) {
      const message& last = kept_.back();
      again(last.sent, last.size);
      kept_.pop_back();
    }
    forget_room();
    bytes_ = fresh_bytes_ = lifted_ = 0;
    sent_before_ = highest_;
  }

  /// What a Sequence has to say: the number of the first message that is kept, or will be.
  [[nodiscard]] std::int64_t first() const noexcept { return first_; }
  /// Messages that are kept.
  [[nodiscard]] std::size_t count() const noexcept { return kept_.size() - begin_; }
  /// Their bytes.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// Bytes that left once and are to leave again.
  [[nodiscard]] std::size_t again_bytes() const noexcept { return again_bytes_; }

 private:
  struct message {
    frame* sent;
    std::uint32_t size;
  };
  void release_first() noexcept;
  void forget_room() noexcept;

  std::vector<message> kept_;  // without memory while there is nothing
  std::size_t begin_ = 0;      // in `kept_`: what lies before was acknowledged
  std::int64_t first_ = 1;
  std::int64_t acknowledged_ = 0;
  std::int64_t highest_ = 0;      // ever sent
  std::int64_t sent_before_ = 0;  // of these, by former transports
  std::size_t bytes_ = 0;
  std::size_t fresh_bytes_ = 0;  // of these, first sent by this transport
  std::size_t again_bytes_ = 0;
  std::size_t limit_;
  std::size_t lifted_ = 0;
};

}  // namespace hubbub::inline v0
