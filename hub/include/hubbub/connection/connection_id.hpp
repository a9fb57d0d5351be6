// The public id of a connection: random bits and its home shard (decision 22).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub::inline v0 {

/// 112 random bits followed by the number of the home shard; as text 22 characters of base64url. A value.
class connection_id {
 public:
  connection_id() noexcept = default;
  /// A new id for a connection that lives on shard `home`.
  [[nodiscard]] static connection_id make(unsigned home);
  /// Reads the text form; nothing when it is none.
  [[nodiscard]] static std::optional<connection_id> parse(std::string_view text) noexcept;
  /// 22 characters.
  [[nodiscard]] std::string text() const;
  /// Number of the home shard.
  [[nodiscard]] unsigned home() const noexcept { return static_cast<unsigned>(raw_[14] << 8 | raw_[15]); }
  /// Random bits, good as a hash as they are.
  [[nodiscard]] std::uint64_t hash() const noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, raw_.data(), sizeof bits);
    return bits;
  }
  bool operator==(const connection_id&) const noexcept = default;

 private:
  std::array<std::uint8_t, 16> raw_{};
};

}  // namespace hubbub::inline v0
