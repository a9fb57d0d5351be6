// Where the sockets of a shard live: side by side, without an allocation each, and to be walked through in order.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/socket.hpp"

namespace hubbub::inline v0 {

/// Chunks of sockets. One shard.
class socket_slab {
 public:
  socket_slab() = default;
  socket_slab(const socket_slab&) = delete;
  socket_slab& operator=(const socket_slab&) = delete;
  /// Destroys what is left.
  ~socket_slab();

  /// Makes a socket. Throws bad_alloc.
  socket& make(poller& home, int fd, std::uint32_t place);
  /// Destroys a socket; an empty chunk goes back to the system, but for one.
  void destroy(socket& doomed) noexcept;
  /// Sockets alive.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Calls `visit(socket&)` for the sockets of every `parts`-th chunk, starting with chunk `part`. None may be made or
  /// destroyed meanwhile.
  template <class Visit>
  void each(unsigned part, unsigned parts, Visit&& visit) {
    for (std::size_t i = part; i < chunks_.size(); i += parts) {
      chunk& one = *chunks_[i];
      for (std::size_t word = 0; word < one.used.size(); ++word) {
        for (std::uint64_t bits = one.used[word]; bits != 0; bits &= bits - 1) {
          visit(one.at(word * 64 + static_cast<std::size_t>(std::countr_zero(bits))));
        }
      }
    }
  }

 private:
  static constexpr std::size_t chunk_size = 16 * 1024;  // chunks are aligned to it: a socket finds its own
  static constexpr std::size_t header_size = 64;
  static constexpr std::size_t slots = (chunk_size - header_size) / sizeof(socket);
  struct chunk {
    std::array<std::uint64_t, (slots + 63) / 64> used{};
    std::uint32_t index = 0;  // in chunks_
    std::uint32_t live = 0;
    std::uint32_t open_at = 0;  // in open_, while it has room
    [[nodiscard]] socket& at(std::size_t slot) noexcept {
      return *std::launder(reinterpret_cast<socket*>(reinterpret_cast<std::byte*>(this) + header_size) + slot);
    }
  };
  static_assert(sizeof(chunk) <= header_size);

  chunk& open_chunk();
  void forget_open(chunk& full) noexcept;
  void give_back(chunk& empty) noexcept;

  std::vector<chunk*> chunks_;
  std::vector<chunk*> open_;  // those with room; the last one is filled first
  std::size_t size_ = 0;
};

}  // namespace hubbub::inline v0
