// The text form of connection ids.
#include "hubbub/connection/connection_id.hpp"

#include <algorithm>

#include "hubbub/core/base64.hpp"
#include "hubbub/core/random.hpp"

namespace hubbub::inline v0 {

connection_id connection_id::make(unsigned home) {
  connection_id id;
  random_bytes(id.raw_.data(), 14);
  id.raw_[14] = static_cast<std::uint8_t>(home >> 8);
  id.raw_[15] = static_cast<std::uint8_t>(home);
  return id;
}

std::optional<connection_id> connection_id::parse(std::string_view text) noexcept {
  if (text.size() != 22) return std::nullopt;
  const auto raw = base64url_decoded(text);
  if (!raw || raw->size() != 16) return std::nullopt;
  connection_id id;
  std::copy(raw->begin(), raw->end(), id.raw_.begin());
  return id;
}

std::string connection_id::text() const {
  return base64url_encoded({reinterpret_cast<const char*>(raw_.data()), raw_.size()});
}

}  // namespace hubbub::inline v0
