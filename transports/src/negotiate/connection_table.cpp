// The table of negotiated connections.
#include "negotiate/connection_table.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "endpoint/post_queue.hpp"
#include "hubbub/core/base64.hpp"
#include "long_polling/long_polling_link.hpp"
#include "websocket/detached_link.hpp"

namespace hubbub::inline v0 {

std::optional<token_bits> bits_of_token(std::string_view text) {
  // 22 characters hold 16 bytes; so do the first 22 of a token, with 4 bits of the next byte in the last of them.
  if (text.size() != 22 && text.size() != 64) return std::nullopt;
  char raw[18];
  if (!read_base64url(raw, text.substr(0, text.size() == 64 ? 24 : 22))) return std::nullopt;
  token_bits bits{};
  std::memcpy(bits.data(), raw, bits.size());
  return bits;
}

// All but the 22 characters that stand for the random bytes; they stand for 4 bits of the next byte, too.
connection_table::token_rest connection_table::rest_of(std::string_view token) noexcept {
  token_rest rest{};
  token.remove_prefix(21);
  std::memcpy(rest.data(), token.data(), std::min(token.size(), rest.size()));
  return rest;
}

connection_table::connection_table(pending_counts& pending) noexcept : pending_(pending) {}

connection_table::~connection_table() {
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].who) erase(i);
  }
}

void connection_table::add(std::string_view token, connection_ref who, const hub_mapping& hub, std::uint32_t now,
                           std::uint32_t place) {
  const token_bits bits = bits_of_token(token).value();
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
  fresh.rest = rest_of(token);
  fresh.who = std::move(who);
  fresh.hub = &hub;
  fresh.made_at = now;
  fresh.forgotten = false;
  fresh.carried_by.reset();
  fresh.place = place;
  pending_.total.fetch_add(1, std::memory_order_relaxed);
}

std::uint32_t connection_table::find(std::string_view token, const hub_mapping& hub) const noexcept {
  const auto bits = bits_of_token(token);
  const std::uint32_t number = bits ? find(*bits, hub) : nowhere;
  if (number == nowhere) return nowhere;
  const token_rest rest = rest_of(token);
  return CRYPTO_memcmp(rest.data(), entries_[number].rest.data(), rest.size()) == 0 ? number : nowhere;
}

std::uint32_t connection_table::find_any(const token_bits& bits) const noexcept {
  const auto found = numbers_.find(bits);
  return found == numbers_.end() ? nowhere : found->second;
}

std::uint32_t connection_table::find(const token_bits& bits, const hub_mapping& hub) const noexcept {
  const std::uint32_t number = find_any(bits);
  return number != nowhere && entries_[number].hub == &hub && !entries_[number].forgotten ? number : nowhere;
}

void connection_table::attached(std::uint32_t number, transport_kind carrier) noexcept {
  entries_[number].carried_by = carrier;
  arrived(entries_[number]);
}

void connection_table::arrived(entry& one) noexcept {
  pending_.total.fetch_sub(1, std::memory_order_relaxed);
  pending_.by_address.leave(std::exchange(one.place, address_counts::nowhere));
}

bool connection_table::detach(std::uint32_t number, shard_server& home, std::size_t most) {
  const std::size_t others =
      pending_.total.load(std::memory_order_relaxed) + pending_.detached.fetch_add(1, std::memory_order_relaxed);
  if (most != 0 && others >= most) {
    pending_.detached.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  try {
    detached_.emplace(number, std::make_unique<detached_link>(home, *entries_[number].who, number));
  } catch (...) {
    pending_.detached.fetch_sub(1, std::memory_order_relaxed);
    throw;
  }
  return true;
}

void connection_table::reattached(std::uint32_t number) noexcept {
  if (detached_.erase(number) != 0) pending_.detached.fetch_sub(1, std::memory_order_relaxed);
}

void connection_table::forget(std::uint32_t number) noexcept { entries_[number].forgotten = true; }

void connection_table::erase(std::uint32_t number) noexcept {
  entry& dead = entries_[number];
  if (!dead.carried_by) arrived(dead);
  numbers_.erase(dead.bits);
  const connection_ref who = std::exchange(dead.who, connection_ref());  // outlives what refers to it
  const auto posts = std::move(dead.posts);
  const auto polling = std::move(dead.polling);  // this may be its own call, or that of the next one
  if (!detached_.empty()) reattached(number);
  free_.push_back(number);
}

void connection_table::sweep(unsigned part, unsigned parts, std::uint32_t now, std::uint32_t wait) {
  for (std::size_t i = part; i < entries_.size(); i += parts) {
    entry& one = entries_[i];
    if (!one.who) continue;
    if (one.polling != nullptr) {
      one.polling->on_sweep(now);
    } else if (!one.carried_by && now - one.made_at > wait) {
      erase(static_cast<std::uint32_t>(i));
    }
  }
  for (auto one = detached_.begin(); one != detached_.end();) {
    const auto here = one++;  // it may end, and with it its place
    if (here->first % parts == part) here->second->on_sweep(now);
  }
}

}  // namespace hubbub::inline v0
