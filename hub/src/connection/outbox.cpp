// The queue of a connection and the composing of what goes out in one write.
#include "hubbub/connection/outbox.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace hubbub::inline v0 {
namespace {

constexpr std::uint32_t small_ring = 16;
constexpr std::size_t pooled_rings = 1024;

// Rings come and go with every turn that queues more than one message: a free list of the thread spares the allocator.
struct ring_pool {
  std::vector<entry_ring*> free;
  ~ring_pool() {
    for (entry_ring* ring : free) std::free(ring);
  }
};
thread_local ring_pool rings;

entry_ring* take_ring(std::uint32_t capacity) {
  if (capacity == small_ring && !rings.free.empty()) {
    entry_ring* ring = rings.free.back();
    rings.free.pop_back();
    ring->head = 0;
    return ring;
  }
  auto* ring = static_cast<entry_ring*>(std::malloc(sizeof(entry_ring) + sizeof(outbox_entry) * capacity));
  if (ring == nullptr) throw std::bad_alloc();
  ring->head = 0;
  ring->capacity = capacity;
  return ring;
}

void give_ring(entry_ring* ring) noexcept {
  if (ring->capacity != small_ring || rings.free.size() >= pooled_rings) return std::free(ring);
  try {
    rings.free.push_back(ring);
  } catch (...) {
    std::free(ring);
  }
}

}  // namespace

outbox_entry::outbox_entry(frame* owner, bool framed, bool boundary) noexcept
    : tagged_(reinterpret_cast<std::uintptr_t>(owner) | (boundary ? boundary_bit : 0)) {
  const bytes_view bytes = framed ? owner->framed() : owner->payload();
  at_ = static_cast<std::uint32_t>(bytes.data() - reinterpret_cast<const char*>(owner));
  size_ = static_cast<std::uint32_t>(bytes.size());
}

outbox_entry::outbox_entry(turn_buffer::slice slice, bool boundary) noexcept
    : tagged_(reinterpret_cast<std::uintptr_t>(slice.block) | slice_bit | (boundary ? boundary_bit : 0)),
      at_(slice.at),
      size_(slice.size) {}

void send_workshop::release(const outbox_entry& entry) noexcept {
  if (entry.is_slice()) return buffer_.release(entry.block());
  frame* shared = entry.shared();
  counted& slot = counted_[(reinterpret_cast<std::uintptr_t>(shared) >> 5) % slots];
  if (slot.shared != shared) {
    if (slot.shared != nullptr) slot.shared->release(slot.count);
    slot.shared = shared;
    slot.count = 0;
  }
  ++slot.count;
}

void send_workshop::settle() noexcept {
  for (counted& slot : counted_) {
    if (slot.shared == nullptr) continue;
    slot.shared->release(slot.count);
    slot = {};
  }
  forget_composed();
  if (composed_.capacity() > 256 * 1024) composed_.release();
}

void send_workshop::forget_composed() noexcept {
  for (const outbox_entry& entry : composed_of_) entry.shared()->release();
  composed_of_.clear();
  composed_.clear();
}

outbox::~outbox() {
  assert(count_ == 0);
  give_room_back();
}

void outbox::give_room_back() noexcept {
  if (more_ != nullptr) give_ring(std::exchange(more_, nullptr));
}

// For one entry more than there are behind the first one.
void outbox::make_room(std::uint32_t behind) {
  if (more_ == nullptr) {
    more_ = take_ring(small_ring);
  } else if (behind == more_->capacity) {
    entry_ring* larger = take_ring(more_->capacity * 2);
    for (std::uint32_t i = 0; i < behind; ++i) larger->at(i) = more_->at(i);
    give_ring(std::exchange(more_, larger));
  }
}

void outbox::push_behind(const outbox_entry& entry) {
  const std::uint32_t behind = count_ - 1;
  make_room(behind);
  more_->at(behind) = entry;
}

// Nothing passes the answer to an upgrade or to a handshake, nor a Sequence: they are not numbered either.
void outbox::push_ahead(const outbox_entry& entry) {
  std::uint32_t place = sent_of_front_ == 0 ? 0 : 1;
  while (place < count_ && at(place).boundary()) ++place;
  if (place >= count_) return push(entry);
  make_room(count_ - 1);
  more_->head = (more_->head + more_->capacity - 1) & (more_->capacity - 1);
  ++count_;
  if (place != 0) {
    for (std::uint32_t i = 1; i < place; ++i) at(i) = at(i + 1);
    at(place) = entry;
  } else {
    at(1) = std::exchange(front_, entry);
  }
  bytes_ += entry.size();
}

void outbox::rewind(turn_buffer& buffer, bool framed) {
  bytes_ += std::exchange(sent_of_front_, 0);
  while (count_ != 0 && front_.boundary()) {
    bytes_ -= front_.size();
    if (front_.is_slice()) {
      buffer.release(front_.block());
    } else {
      front_.shared()->release();
    }
    pop_front();
  }
  window_->rewind([&](frame* sent, std::size_t) { push_ahead(outbox_entry(sent, framed, false)); });
}

void outbox::push_slice(turn_buffer::slice slice, bool boundary, turn_buffer& buffer) {
  if (!boundary && count_ != 0 && at(count_ - 1).extend(slice)) {
    bytes_ += slice.size;
    buffer.release(slice.block);
    return;
  }
  push(outbox_entry(slice, boundary));
}

void outbox::pop_front() noexcept {
  --count_;
  if (count_ == 0) return give_room_back();
  front_ = more_->at(0);
  more_->head = (more_->head + 1) & (more_->capacity - 1);
}

bytes_view outbox::next_write(send_workshop& shop, std::size_t most, bool stop_at_boundary) const {
  if (count_ == 0) return {};
  if (sent_of_front_ == 0 && !may_leave(front_, 0)) return {};
  if (count_ == 1 || sent_of_front_ != 0 || front_.size() >= most || (stop_at_boundary && front_.boundary())) {
    return front_.bytes().substr(sent_of_front_);
  }
  // Whole entries only, as many as fit.
  std::uint32_t taken = 1;
  std::size_t size = front_.size();
  while (taken < count_ && size + at(taken).size() <= most && may_leave(at(taken), size)) {
    size += at(taken).size();
    ++taken;
    if (stop_at_boundary && at(taken - 1).boundary()) break;
  }
  if (taken == 1) return front_.bytes();
  bool same = shop.composed_of_.size() == taken;
  for (std::uint32_t i = 0; same && i < taken; ++i) same = shop.composed_of_[i] == at(i);
  if (same) return shop.composed_.view();
  shop.forget_composed();
  bool frames_only = true;
  for (std::uint32_t i = 0; i < taken; ++i) {
    shop.composed_.put(at(i).bytes());
    frames_only = frames_only && !at(i).is_slice();
  }
  // Slices are never compared: their room is used again as soon as they have left, for somebody else's secrets.
  // Frames are held, so that no new one can take the place of one that has left.
  for (std::uint32_t i = 0; frames_only && i < taken; ++i) {
    shop.composed_of_.push_back(at(i));
    at(i).shared()->acquire();
  }
  return shop.composed_.view();
}

std::size_t outbox::batch_size(std::size_t most) const noexcept {
  if (count_ == 0) return 0;
  std::size_t size = front_.size() - sent_of_front_;
  for (std::uint32_t i = 1; i < count_ && !at(i - 1).boundary() && size + at(i).size() <= most; ++i)
    size += at(i).size();
  return size;
}

void outbox::copy_batch(std::size_t size, wire_buffer& to) const {
  for (std::uint32_t i = 0; size != 0; ++i) {
    const bytes_view piece = at(i).bytes().substr(i == 0 ? sent_of_front_ : 0);
    to.put(piece);
    size -= piece.size();
  }
}

void outbox::consume(std::size_t written, send_workshop& shop) {
  bytes_ -= written;
  written += sent_of_front_;
  sent_of_front_ = 0;
  while (written != 0) {
    if (written < front_.size()) {
      sent_of_front_ = static_cast<std::uint32_t>(written);
      return;
    }
    written -= front_.size();
    left(front_, shop);
    pop_front();
  }
}

void outbox::left(const outbox_entry& entry, send_workshop& shop) {
  if (window_ == nullptr || entry.boundary()) return shop.release(entry);
  assert(!entry.is_slice());
  try {
    window_->keep(entry.shared(), entry.size());
  } catch (const std::bad_alloc&) {  // it has left all the same: nothing may leave twice, so nothing can be resumed
    window_.reset();
    shop.release(entry);
  }
}

void outbox::settle(turn_buffer& buffer) {
  for (std::uint32_t i = 0; i < count_; ++i) {
    outbox_entry& entry = at(i);
    // What fills its block was put apart before, or pins nobody else's bytes.
    if (!entry.is_slice() || entry.size() == entry.block()->capacity) continue;
    turn_block* block = entry.block();
    // A block of its own, exactly as large: written once, then closed.
    turn_buffer::slice own = buffer.store_apart(entry.bytes());
    entry = outbox_entry(own, entry.boundary());
    buffer.release(block);
  }
}

void outbox::clear(turn_buffer& buffer) noexcept {
  while (count_ != 0) {
    if (front_.is_slice()) {
      buffer.release(front_.block());
    } else {
      front_.shared()->release();
    }
    pop_front();
  }
  bytes_ = 0;
  sent_of_front_ = 0;
  window_.reset();
}

}  // namespace hubbub::inline v0
