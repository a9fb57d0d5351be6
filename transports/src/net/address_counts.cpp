// Counts per remote address.
#include "net/address_counts.hpp"

#include <sys/socket.h>

#include <cstring>
#include <functional>
#include <string_view>

namespace hubbub::inline v0 {

std::size_t address_counts::hash_of_key::operator()(const key& one) const noexcept {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(one.data()), one.size()});
}

address_counts::key address_counts::key_of(const peer_address& who) noexcept {
  key made{};
  made[0] = who.family;
  std::memcpy(made.data() + 1, who.bytes, who.family == AF_INET6 ? 8 : 4);
  return made;
}

std::optional<std::uint32_t> address_counts::enter(const peer_address& who, std::size_t most) {
  const key wanted = key_of(who);
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(wanted);
  if (found != places_.end()) {
    record& known = records_[found->second];
    if (known.count >= most) return std::nullopt;
    ++known.count;
    return found->second;
  }
  if (most == 0) return std::nullopt;
  if (free_.empty()) {
    records_.emplace_back();
    free_.reserve(records_.size());  // so that leaving needs no memory
    free_.push_back(static_cast<std::uint32_t>(records_.size() - 1));
  }
  const std::uint32_t place = free_.back();
  places_.emplace(wanted, place);
  free_.pop_back();
  records_[place] = {wanted, 1};
  return place;
}

void address_counts::leave(std::uint32_t place) noexcept {
  if (place == nowhere) return;
  const std::lock_guard lock(mutex_);
  record& known = records_[place];
  if (--known.count != 0) return;
  places_.erase(known.who);
  free_.push_back(place);
}

std::size_t address_counts::size() const {
  const std::lock_guard lock(mutex_);
  return places_.size();
}

}  // namespace hubbub::inline v0
