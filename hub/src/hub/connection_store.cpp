// Registering, finding and grouping the connections of a shard.
#include "connection_store.hpp"

#include <cassert>

#include "hub_connection.hpp"

namespace hubbub::inline v0 {

namespace {

hub_connection::memberships& sets_of(hub_connection& member) {
  if (member.stored.sets == nullptr) member.stored.sets = std::make_unique<hub_connection::memberships>();
  return *member.stored.sets;
}

constexpr std::uint32_t nowhere = hub_connection::registration::nowhere;
constexpr std::uint32_t searched_groups = 32;  // so many are found faster without a table

// Of a set among the groups of a connection. Clients may be in as many groups as they like, and each that leaves one
// has others look for it among theirs.
std::uint32_t place_of(const hub_connection::memberships& in, const member_set& wanted) noexcept {
  if (in.places != nullptr) {
    const auto found = in.places->find(&wanted);
    return found == in.places->end() ? nowhere : found->second;
  }
  for (std::size_t i = in.groups.size(); i-- > 0;) {
    if (in.groups[i].set == &wanted) return static_cast<std::uint32_t>(i);
  }
  return nowhere;
}

}  // namespace

connection_store::~connection_store() = default;

void connection_store::add(hub_connection& member) {
  member.stored.place = static_cast<std::uint32_t>(all_.size());
  all_.push_back({&member.link(), &member});
  if (all_.size() * 2 > ids_.size()) return grow_ids();  // takes the new one in too
  ids_[free_slot(ids_, member.link().id())] = member.stored.place + 1;
}

std::size_t connection_store::free_slot(const std::vector<std::uint32_t>& ids, const connection_id& id) noexcept {
  const std::size_t mask = ids.size() - 1;
  std::size_t slot = id.hash() & mask;
  while (ids[slot] != 0) slot = (slot + 1) & mask;
  return slot;
}

std::size_t connection_store::slot_of(std::uint32_t place) const noexcept {
  const std::size_t mask = ids_.size() - 1;
  std::size_t slot = all_[place].link->id().hash() & mask;
  while (ids_[slot] != place + 1) slot = (slot + 1) & mask;
  return slot;
}

void connection_store::grow_ids() {
  std::vector<std::uint32_t> larger(ids_.empty() ? 16 : ids_.size() * 2);
  for (std::uint32_t i = 0; i < all_.size(); ++i) larger[free_slot(larger, all_[i].link->id())] = i + 1;
  ids_ = std::move(larger);
}

void connection_store::remove(hub_connection& member) noexcept {
  const std::uint32_t place = member.stored.place;
  const std::size_t mask = ids_.size() - 1;
  // Out of the id table; those behind it in its run move up (no tombstones).
  std::size_t hole = slot_of(place);
  std::size_t next = hole;
  for (;;) {
    ids_[hole] = 0;
    for (;;) {
      next = (next + 1) & mask;
      if (ids_[next] == 0) break;
      const std::size_t wanted = all_[ids_[next] - 1].link->id().hash() & mask;
      if (((next - wanted) & mask) >= ((next - hole) & mask)) break;
    }
    if (ids_[next] == 0) break;
    ids_[hole] = ids_[next];
    hole = next;
  }
  // The last one takes its place.
  const auto last = static_cast<std::uint32_t>(all_.size() - 1);
  if (place != last) {
    ids_[slot_of(last)] = place + 1;
    all_[place] = all_[last];
    all_[place].of->stored.place = place;
  }
  all_.pop_back();
  member.stored.place = hub_connection::registration::nowhere;
}

hub_connection* connection_store::find(const connection_id& id) const noexcept {
  if (ids_.empty()) return nullptr;
  const std::size_t mask = ids_.size() - 1;
  for (std::size_t slot = id.hash() & mask; ids_[slot] != 0; slot = (slot + 1) & mask) {
    const member_set::member& one = all_[ids_[slot] - 1];
    if (one.link->id() == id) return one.of;
  }
  return nullptr;
}

member_set& connection_store::set_of(set_map& sets, std::string_view name) {
  const auto found = sets.find(name);
  if (found != sets.end()) return *found->second;
  auto made = std::make_unique<member_set>();
  made->name = name;
  const std::string_view key = made->name;
  return *sets.emplace(key, std::move(made)).first->second;
}

membership connection_store::insert(member_set& set, hub_connection& member) {
  const auto place = static_cast<std::uint32_t>(set.members.size());
  set.members.push_back({&member.link(), &member});
  return {&set, place};
}

bool connection_store::erase(set_map& sets, membership where, bool is_user) {
  std::vector<member_set::member>& members = where.set->members;
  members[where.place] = members.back();
  members.pop_back();
  if (where.place < members.size()) {  // the one that moved learns its new place
    hub_connection::memberships& moved = *members[where.place].of->stored.sets;
    (is_user ? moved.user : moved.groups[place_of(moved, *where.set)]).place = where.place;
  }
  if (!members.empty()) return false;
  sets.erase(sets.find(where.set->name));
  return true;
}

bool connection_store::join(hub_connection& member, std::string_view group) {
  hub_connection::memberships& of = sets_of(member);
  member_set& set = set_of(groups_, group);
  const bool first = set.members.empty();
  if (place_of(of, set) != nowhere) return false;
  const auto place = static_cast<std::uint32_t>(of.groups.size());
  if (place == of.groups.capacity()) of.groups.reserve(place + 1 + place / 2);  // few: no more
  if (place == searched_groups) {
    of.places = std::make_unique<group_places>();
    for (std::uint32_t i = 0; i < place; ++i) of.places->emplace(of.groups[i].set, i);
  }
  if (of.places != nullptr) of.places->emplace(&set, place);
  try {
    of.groups.push_back(insert(set, member));
  } catch (...) {
    if (of.places != nullptr) of.places->erase(&set);
    throw;
  }
  return first;
}

bool connection_store::leave(hub_connection& member, std::string_view group) {
  if (member.stored.sets == nullptr) return false;
  const auto found = groups_.find(group);
  if (found == groups_.end()) return false;
  hub_connection::memberships& of = *member.stored.sets;
  const std::uint32_t place = place_of(of, *found->second);
  if (place == nowhere) return false;
  const membership where = of.groups[place];
  of.groups[place] = of.groups.back();
  of.groups.pop_back();
  if (of.places != nullptr) {
    if (place < of.groups.size()) of.places->find(of.groups[place].set)->second = place;
    of.places->erase(where.set);
    if (of.groups.size() < searched_groups / 2) of.places.reset();
  }
  return erase(groups_, where, false);
}

bool connection_store::set_user(hub_connection& member, std::string_view user) {
  member_set& set = set_of(users_, user);
  const bool first = set.members.empty();
  sets_of(member).user = insert(set, member);
  return first;
}

bool connection_store::clear_user(hub_connection& member) {
  if (member.stored.sets == nullptr || member.stored.sets->user.set == nullptr) return false;
  return erase(users_, std::exchange(member.stored.sets->user, {}), true);
}

const member_set* connection_store::group(std::string_view name) const noexcept {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : found->second.get();
}

const member_set* connection_store::user(std::string_view id) const noexcept {
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : found->second.get();
}

}  // namespace hubbub::inline v0
