// Chunks of sockets, found again through their alignment.
#include "net/socket_slab.hpp"

#include <cstdlib>
#include <new>

namespace hubbub::inline v0 {

socket_slab::~socket_slab() {
  each(0, 1, [](socket& left) { left.~socket(); });
  for (chunk* one : chunks_) std::free(one);
}

socket_slab::chunk& socket_slab::open_chunk() {
  if (!open_.empty()) return *open_.back();
  // Room for the pointers first: nothing below may throw once the chunk exists.
  chunks_.reserve(chunks_.size() + 1);
  open_.reserve(chunks_.size() + 1);
  void* memory = std::aligned_alloc(chunk_size, chunk_size);
  if (memory == nullptr) throw std::bad_alloc();
  auto* fresh = ::new (memory) chunk;
  fresh->index = static_cast<std::uint32_t>(chunks_.size());
  chunks_.push_back(fresh);
  open_.push_back(fresh);
  return *fresh;
}

socket& socket_slab::make(poller& home, int fd, std::uint32_t place) {
  chunk& where = open_chunk();
  std::size_t slot = 0;
  for (std::size_t word = 0; word < where.used.size(); ++word) {
    if (where.used[word] == ~std::uint64_t{0}) continue;
    slot = word * 64 + static_cast<std::size_t>(std::countr_one(where.used[word]));
    break;
  }
  where.used[slot / 64] |= std::uint64_t{1} << (slot % 64);
  if (++where.live == slots) forget_open(where);
  ++size_;
  auto* room = reinterpret_cast<std::byte*>(&where) + header_size + slot * sizeof(socket);
  return *::new (room) socket(home, fd, place);
}

void socket_slab::destroy(socket& doomed) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(&doomed);
  auto& where = *std::launder(reinterpret_cast<chunk*>(address & ~(chunk_size - 1)));
  const std::size_t slot = (address % chunk_size - header_size) / sizeof(socket);
  doomed.~socket();
  where.used[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  --size_;
  if (where.live-- == slots) {
    where.open_at = static_cast<std::uint32_t>(open_.size());
    open_.push_back(&where);  // has room: as many as there are chunks
  }
  if (where.live == 0 && open_.size() > 1) give_back(where);
}

void socket_slab::forget_open(chunk& full) noexcept {
  open_[full.open_at] = open_.back();
  open_[full.open_at]->open_at = full.open_at;
  open_.pop_back();
}

void socket_slab::give_back(chunk& empty) noexcept {
  forget_open(empty);
  chunks_[empty.index] = chunks_.back();
  chunks_[empty.index]->index = empty.index;
  chunks_.pop_back();
  std::free(&empty);
}

}  // namespace hubbub::inline v0
