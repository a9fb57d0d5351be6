// The outbox of a connection: what waits to be sent, by reference, in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "hubbub/connection/frame.hpp"
#include "hubbub/connection/sent_window.hpp"
#include "hubbub/core/turn_buffer.hpp"
#include "hubbub/core/wire_buffer.hpp"

namespace hubbub::inline v0 {

/// One thing to send: a frame, or a slice of a turn block. 16 bytes.
class outbox_entry {
 public:
  outbox_entry() noexcept = default;
  /// Adopts one reference of `owner`; `framed` says whether the header goes out too.
  outbox_entry(frame* owner, bool framed, bool boundary) noexcept;
  /// Adopts the slice's reference.
  outbox_entry(turn_buffer::slice slice, bool boundary) noexcept;

  [[nodiscard]] bytes_view bytes() const noexcept {
    const char* base = is_slice() ? block()->bytes() : reinterpret_cast<const char*>(owner());
    return {base + at_, size_};
  }
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  /// True when nothing that follows may share its transport message (decision 11). Such an entry has no number under
  /// stateful reconnect; all others are one hub message each there, and have one.
  [[nodiscard]] bool boundary() const noexcept { return (tagged_ & boundary_bit) != 0; }
  [[nodiscard]] bool is_slice() const noexcept { return (tagged_ & slice_bit) != 0; }
  [[nodiscard]] frame* shared() const noexcept { return static_cast<frame*>(owner()); }
  [[nodiscard]] turn_block* block() const noexcept { return static_cast<turn_block*>(owner()); }
  /// Same bytes of the same owner.
  bool operator==(const outbox_entry&) const noexcept = default;
  /// Takes the slice in when it lies right behind this one; its reference is then one too many.
  [[nodiscard]] bool extend(const turn_buffer::slice& slice) noexcept {
    if (tagged_ != (reinterpret_cast<std::uintptr_t>(slice.block) | slice_bit) || at_ + size_ != slice.at) return false;
    size_ += slice.size;
    return true;
  }

 private:
  static constexpr std::uintptr_t slice_bit = 1;
  static constexpr std::uintptr_t boundary_bit = 2;
  [[nodiscard]] void* owner() const noexcept { return reinterpret_cast<void*>(tagged_ & ~std::uintptr_t{3}); }

  std::uintptr_t tagged_ = 0;
  std::uint32_t at_ = 0;
  std::uint32_t size_ = 0;
};

/// What a shard shares between the sends of a turn: composed bytes and references to give back. One shard.
class send_workshop {
 public:
  explicit send_workshop(turn_buffer& buffer) noexcept : buffer_(buffer) {}
  send_workshop(const send_workshop&) = delete;
  send_workshop& operator=(const send_workshop&) = delete;
  ~send_workshop() { settle(); }

  /// Gives an entry's reference back; those of one frame are counted together until `settle`.
  void release(const outbox_entry& entry) noexcept;
  /// Returns all references counted. Call at the end of a round of sends.
  void settle() noexcept;

 private:
  friend class outbox;
  void forget_composed() noexcept;
  static constexpr std::size_t slots = 64;
  struct counted {
    frame* shared = nullptr;
    std::uint32_t count = 0;
  };
  turn_buffer& buffer_;
  counted counted_[slots];
  std::vector<outbox_entry> composed_of_;  ///< the frames `composed_` was made of, held: a broadcast makes it once
  wire_buffer composed_;
};

/// The entries behind the first one: a header, and room for `capacity` entries behind it.
struct entry_ring {
  std::uint32_t head;
  std::uint32_t capacity;  ///< a power of two
  [[nodiscard]] outbox_entry& at(std::uint32_t place) noexcept {
    return reinterpret_cast<outbox_entry*>(this + 1)[(head + place) & (capacity - 1)];
  }
};

/// A queue of entries with a cursor inside the first one. One shard. 48 bytes when empty, no memory of its own. Under
/// stateful reconnect what has left goes to a window of what was sent, and comes back from there when it must leave
/// again: together they are one queue, acknowledged <= sent <= queued (decision 12).
class outbox {
 public:
  outbox() noexcept = default;
  outbox(const outbox&) = delete;
  outbox& operator=(const outbox&) = delete;
  /// Must be empty: `clear` gives the references back to the right shard.
  ~outbox();

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::size_t entries() const noexcept { return count_; }
  /// Bytes not sent yet.
  [[nodiscard]] std::size_t size() const noexcept { return bytes_; }
  /// True when a part of the first entry was sent.
  [[nodiscard]] bool inside_entry() const noexcept { return sent_of_front_ != 0; }

  /// Appends; adopts the entry's reference. Throws bad_alloc (the reference is then still the caller's).
  void push(const outbox_entry& entry) {
    if (count_ == 0) {
      front_ = entry;
    } else {
      push_behind(entry);
    }
    ++count_;
    bytes_ += entry.size();
  }
  /// Appends a slice, merged with the last entry when it lies right behind it.
  void push_slice(turn_buffer::slice slice, bool boundary, turn_buffer& buffer);

  /// The next bytes to write, in one piece: the first entry alone, or several copied together up to `most` bytes.
  /// Nothing is taken out. The view dies with the next call for any outbox of this shard. `stop_at_boundary`: see
  /// decision 11. Nothing, although something waits, while the window of what was sent is full.
  [[nodiscard]] bytes_view next_write(send_workshop& shop, std::size_t most, bool stop_at_boundary) const;
  /// Bytes of the whole entries in front, as many as fit into `most` but at least one, up to a boundary: what one
  /// answer of a poll may carry. Small messages that were queued behind a batch on its way may have become one entry
  /// with its last ones: then the rest of that entry comes first.
  [[nodiscard]] std::size_t batch_size(std::size_t most) const noexcept;
  /// Appends the first `size` bytes, whole entries, to `to`; nothing is taken out.
  void copy_batch(std::size_t size, wire_buffer& to) const;
  /// Takes `written` bytes out.
  void consume(std::size_t written, send_workshop& shop);
  /// Bytes that must still be written before another header may come: the rest of an entry that was begun.
  [[nodiscard]] std::size_t rest_of_front() const noexcept {
    return sent_of_front_ == 0 ? 0 : front_.size() - sent_of_front_;
  }
  /// Copies what small messages are waiting out of their shared block, so that a slow client pins no block.
  void settle(turn_buffer& buffer);
  /// Drops everything.
  void clear(turn_buffer& buffer) noexcept;

  // Stateful reconnect
  /// From now on numbered entries, which are frames then, are kept when they have left: `limit` as for sent_window.
  void keep_sent(std::size_t limit) { window_ = std::make_unique<sent_window>(limit); }
  /// Nothing is kept any more, and nothing stops what waits.
  void forget_sent() noexcept { window_.reset(); }
  /// What was sent and not acknowledged; null: nothing is kept.
  [[nodiscard]] sent_window* window() const noexcept { return window_.get(); }
  /// Puts an entry before all that were not begun, but behind what has no number; adopts its reference. As `push`.
  void push_ahead(const outbox_entry& entry);
  /// Another transport begins: what was sent and not acknowledged waits again, in its order; `framed` as for the entry.
  /// What was only meant for the former one is dropped.
  void rewind(turn_buffer& buffer, bool framed);

 private:
  void push_behind(const outbox_entry& entry);
  void make_room(std::uint32_t behind);
  void pop_front() noexcept;
  void left(const outbox_entry& entry, send_workshop& shop);
  [[nodiscard]] bool may_leave(const outbox_entry& entry, std::size_t behind) const noexcept {
    return window_ == nullptr || entry.boundary() || window_->open(behind);
  }
  [[nodiscard]] outbox_entry& at(std::size_t place) noexcept {
    return place == 0 ? front_ : more_->at(static_cast<std::uint32_t>(place - 1));
  }
  [[nodiscard]] const outbox_entry& at(std::size_t place) const noexcept {
    return place == 0 ? front_ : more_->at(static_cast<std::uint32_t>(place - 1));
  }
  void give_room_back() noexcept;

  outbox_entry front_;
  entry_ring* more_ = nullptr;  ///< the entries behind the first
  std::uint32_t count_ = 0;
  std::uint32_t sent_of_front_ = 0;
  std::size_t bytes_ = 0;
  std::unique_ptr<sent_window> window_;  ///< under stateful reconnect
};

}  // namespace hubbub::inline v0
