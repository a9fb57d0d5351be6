// Which messages of a client are new under stateful reconnect, and when to acknowledge them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace hubbub::inline v0 {

/// Counts the numbered messages that a client sends (hub-protocol.md 10.1, 10.3, 10.4). The decisions alone: no clock,
/// no bytes. One shard.
class received_numbers {
 public:
  /// A numbered message of `size` bytes begins to be handled. False: it was handled before, or comes before the
  /// Sequence that must come first after a resume; then it is to be dropped.
  [[nodiscard]] bool take(std::size_t size) noexcept {
    if (awaits_sequence_) return false;
    const std::int64_t number = next_++;
    if (number <= latest_) {
      repeated_ = true;
      return false;
    }
    latest_ = number;
    unacknowledged_bytes_ += size;
    return true;
  }
  /// The message that `take` let in was not handled after all: it will be taken again.
  void give_back(std::size_t size) noexcept {
    --next_;
    --latest_;
    unacknowledged_bytes_ -= size;
  }
  /// The client comes over another transport: a Sequence says what it sends first.
  void resumed() noexcept { awaits_sequence_ = true; }
  /// A Sequence. False when messages between those that were received and that number are lost, or when it is no number
  /// of a message: the connection cannot go on.
  [[nodiscard]] bool restart(std::int64_t number) noexcept {
    // Not `next_`: an Ack may have told the client more than it has sent again before its transport was cut once more.
    if (number < 1 || number > latest_ + 1) return false;
    next_ = number;
    awaits_sequence_ = false;
    return true;
  }
  /// So much has come since the last Ack that a client with a small buffer may already wait for one.
  [[nodiscard]] bool presses() const noexcept { return unacknowledged_bytes_ >= pressing_bytes; }
  /// What an Ack has to say; nothing when no message has come since the last one. To be asked once a second.
  [[nodiscard]] std::optional<std::int64_t> next_ack() noexcept {
    if (latest_ == acknowledged_ && !repeated_) return std::nullopt;
    acknowledged_ = latest_;
    repeated_ = false;
    unacknowledged_bytes_ = 0;
    return latest_;
  }
  /// The Ack that `next_ack` asked for did not leave: it is due again.
  void ack_lost() noexcept { repeated_ = true; }

 private:
  static constexpr std::size_t pressing_bytes = 32 * 1024;  // a third of what clients buffer by default

  std::int64_t next_ = 1;
  std::int64_t latest_ = 0;
  std::int64_t acknowledged_ = 0;
  std::size_t unacknowledged_bytes_ = 0;
  bool awaits_sequence_ = false;
  bool repeated_ = false;  // something came once more: the client has not seen its Ack
};

}  // namespace hubbub::inline v0
