// The table of negotiated connections.
#include "negotiate/connection_table.hpp"

#include <string>
#include <utility>

#include "hubbub/core/base64.hpp"

namespace hubbub::inline v0 {

std::optional<token_bits> bits_of_token(std::string_view text) {
  // 22 characters hold 16 bytes; so do the first 22 of a token, with 4 bits of the next byte in the last of them.
  if (text.size() != 22 && text.size() != 64) return std::nullopt;
  const auto raw = base64url_decoded(text.substr(0, text.size() == 64 ? 24 : 22));
  if (!raw || raw->size() < 16) return std::nullopt;
  token_bits bits{};
  std::memcpy(bits.data(), raw->data(), bits.size());
  return bits;
}

connection_table::~connection_table() {
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].who) erase(i);
  }
}

void connection_table::add(const token_bits& bits, connection_ref who, const hub_mapping& hub, std::uint32_t now) {
  if (free_.empty()) {
    entries_.emplace_back();
    free_.reserve(entries_.size());  // so that erase needs no memory
    free_.push_back(static_cast<std::uint32_t>(entries_.size() - 1));
  }
  const std::uint32_t number = free_.back();
  numbers_.emplace(bits, number);
  free_.pop_back();
  entry& fresh = entries_[number];
  fresh.bits = bits;
  fresh.who = std::move(who);
  fresh.hub = &hub;
  fresh.made_at = now;
  fresh.attached = false;
  pending_.fetch_add(1, std::memory_order_relaxed);
}

std::uint32_t connection_table::find(const token_bits& bits) const noexcept {
  const auto found = numbers_.find(bits);
  return found == numbers_.end() ? nowhere : found->second;
}

void connection_table::attached(std::uint32_t number) noexcept {
  entries_[number].attached = true;
  pending_.fetch_sub(1, std::memory_order_relaxed);
}

void connection_table::erase(std::uint32_t number) noexcept {
  entry& dead = entries_[number];
  if (!dead.attached) pending_.fetch_sub(1, std::memory_order_relaxed);
  numbers_.erase(dead.bits);
  dead.who = connection_ref();
  free_.push_back(number);
}

void connection_table::sweep(unsigned part, unsigned parts, std::uint32_t now, std::uint32_t wait) noexcept {
  for (std::size_t i = part; i < entries_.size(); i += parts) {
    entry& one = entries_[i];
    if (one.who && !one.attached && now - one.made_at > wait) erase(static_cast<std::uint32_t>(i));
  }
}

}  // namespace hubbub::inline v0
