// The request of a connection: whole until on_connected has run, afterwards packed into one small block (decision 27).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hubbub/connection/request.hpp"

namespace hubbub::inline v0 {

/// An empty request, with the room of one that this thread needed earlier when there is such a one.
[[nodiscard]] std::unique_ptr<request> recycled_request();

/// A request, whole or packed; eight bytes. A resource; one shard.
class stored_request {
 public:
  stored_request() noexcept = default;
  explicit stored_request(std::unique_ptr<request> whole) noexcept
      : tagged_(reinterpret_cast<std::uintptr_t>(whole.release())) {}
  stored_request(const stored_request&) = delete;
  stored_request& operator=(const stored_request&) = delete;
  stored_request(stored_request&& other) noexcept : tagged_(std::exchange(other.tagged_, 0)) {}
  stored_request& operator=(stored_request&& other) noexcept {
    std::swap(tagged_, other.tagged_);
    return *this;
  }
  ~stored_request();

  /// The whole request; null when there is none or it was packed.
  [[nodiscard]] const request* whole() const noexcept {
    return packed() ? nullptr : reinterpret_cast<const request*>(tagged_);
  }
  /// A copy: everything when it is whole, otherwise what packing kept.
  [[nodiscard]] request copy() const;
  /// Keeps only method, target, peer and the headers named.
  void pack(const std::vector<std::string>& kept_headers);

 private:
  static constexpr std::uintptr_t packed_bit = 1;
  [[nodiscard]] bool packed() const noexcept { return (tagged_ & packed_bit) != 0; }
  [[nodiscard]] char* block() const noexcept { return reinterpret_cast<char*>(tagged_ & ~packed_bit); }
  std::uintptr_t tagged_ = 0;
};

}  // namespace hubbub::inline v0
