// Look-ups in the interest table.
#include "interest_table.hpp"

namespace hubbub::inline v0 {

void interest_table::add(std::string_view name, unsigned index) {
  stripe& in = stripe_of(name);
  std::lock_guard lock(in.mutex);
  auto found = in.names.find(name);
  if (found == in.names.end()) found = in.names.emplace(std::string(name), shard_set()).first;
  found->second.set(index);
}

void interest_table::remove(std::string_view name, unsigned index) {
  stripe& in = stripe_of(name);
  std::lock_guard lock(in.mutex);
  const auto found = in.names.find(name);
  if (found == in.names.end()) return;
  found->second.reset(index);
  if (found->second.none()) in.names.erase(found);
}

shard_set interest_table::shards_of(std::string_view name) {
  stripe& in = stripe_of(name);
  std::lock_guard lock(in.mutex);
  const auto found = in.names.find(name);
  return found == in.names.end() ? shard_set() : found->second;
}

}  // namespace hubbub::inline v0
