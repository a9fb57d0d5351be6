// Delivery to audiences: encode once, own shard at once, other shards by mailbox.
#include "lifetime_manager.hpp"

#include <algorithm>
#include <coroutine>
#include <stdexcept>
#include <tuple>

#include "hub_connection_sending.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "protocols.hpp"

namespace hubbub::inline v0 {
namespace {

// Counts what a fan-out queues. Neighbours are mostly alike: as long as they are, a number in a register goes up.
class sent_tally {
 public:
  sent_tally(const encoded_message& message, traffic_counters& traffic) noexcept
      : message_(message), traffic_(traffic) {}
  sent_tally(const sent_tally&) = delete;
  sent_tally& operator=(const sent_tally&) = delete;
  ~sent_tally() { write(); }
  void add(traffic_row row) noexcept {
    if (row != row_) {
      write();
      row_ = row;
      run_ = 0;
    }
    ++run_;
  }

 private:
  void write() noexcept {
    if (run_ != 0) traffic_.sent[row_].add(run_ * message_.size_of(format_of(row_)));
  }

  const encoded_message& message_;
  traffic_counters& traffic_;
  traffic_row row_ = 0;
  std::size_t run_ = 0;
};

// Queues to all members in one go, so that nothing overtakes (decision 9); references are counted once for all.
// `except` is sorted.
void fan_out(const std::vector<member_set::member>& members, const std::vector<const hub_connection*>& except,
             const encoded_message& message, traffic_counters& traffic) {
  const auto count = static_cast<std::uint32_t>(members.size());
  std::array<std::uint32_t, 2> unused{count, count};
  sent_tally tally(message, traffic);
  for (std::size_t i = 0; i < 2; ++i) {
    if (message.by_format[i]) message.by_format[i]->acquire(count);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i + 8 < count) __builtin_prefetch(members[i + 8].link);
    const member_set::member& to = members[i];
    if (!except.empty() && std::binary_search(except.begin(), except.end(), to.of)) continue;
    frame* shared = message.of(to.link->format());
    if (shared == nullptr) continue;  // joined with a format that nobody used when this was encoded
    --unused[static_cast<std::size_t>(to.link->format())];
    if (to.link->send_adopted(shared)) tally.add(row_of(to.link->transport(), to.link->format()));
  }
  for (std::size_t i = 0; i < 2; ++i) {
    if (message.by_format[i] && unused[i] != 0) message.by_format[i]->release(unused[i]);
  }
}

}  // namespace

struct group_change::pending {
  bool done = false;
  std::coroutine_handle<> waiting;
};

bool group_change::await_ready() const noexcept { return pending_ == nullptr || pending_->done; }
void group_change::await_suspend(std::coroutine_handle<> waiting) { pending_->waiting = waiting; }

std::size_t encoded_message::weight() const noexcept {
  std::size_t total = 256;  // what the job itself takes, about
  for (const frame_ref& one : by_format) total += one ? one->payload().size() : 0;
  return total;
}

bool lifetime_manager::start() {
  if (!stores_.empty()) return false;
  for (std::size_t i = 0; i < host_.shards().size(); ++i) stores_.push_back(std::make_unique<connection_store>());
  started_.store(true, std::memory_order_release);
  return true;
}

void lifetime_manager::add_to(hub_metrics& sum) const {
  for (const auto& one : stores_) add_traffic(one->traffic(), sum);
}

shard* lifetime_manager::local_shard() const noexcept {
  shard* here = shard::current();
  if (here == nullptr || here->index() >= stores_.size() || host_.shards()[here->index()] != here) return nullptr;
  return here;
}

void lifetime_manager::add(hub_connection& member, std::string_view user) {
  const shard& home = member.link().home();
  connection_store& in = store(home);
  in.add(member);
  in_use_[static_cast<std::size_t>(member.link().format())].fetch_add(1, std::memory_order_relaxed);
  if (!user.empty() && in.set_user(member, user) && stores_.size() > 1) users_.add(user, home.index());
}

void lifetime_manager::remove(hub_connection& member) {
  if (!member.stored.registered()) return;
  const shard& home = member.link().home();
  connection_store& in = store(home);
  const hub_connection::memberships* sets = member.stored.sets.get();
  while (sets != nullptr && !sets->groups.empty()) {
    const std::string group = sets->groups.back().set->name;
    change_here(member, group, false, home);
  }
  if (sets != nullptr && sets->user.set != nullptr) {
    const std::string user = sets->user.set->name;
    if (in.clear_user(member) && stores_.size() > 1) users_.remove(user, home.index());
  }
  in.remove(member);
  in_use_[static_cast<std::size_t>(member.link().format())].fetch_sub(1, std::memory_order_relaxed);
}

encoded_message lifetime_manager::encode(std::string_view invocation_id, std::string_view method, std::size_t count,
                                         write_values arguments) const {
  encoded_message message;
  for (const transfer_format format : {transfer_format::text, transfer_format::binary}) {
    const auto index = static_cast<std::size_t>(format);
    // JSON is always made: a value that cannot be written must throw at the sender whoever listens.
    if (format != transfer_format::text && in_use_[index].load(std::memory_order_relaxed) == 0) continue;
    thread_local wire_buffer scratch;
    scratch.clear();
    protocol_of(format).write_invocation(scratch, invocation_id, method, count, arguments);
    message.by_format[index] = frame_ref(frame::make(format, scratch.view()));
    if (scratch.capacity() > 1024 * 1024) scratch.release();
  }
  return message;
}

sent lifetime_manager::send(const audience& whom, std::string_view method, std::size_t count, write_values arguments) {
  if (!started_.load(std::memory_order_acquire)) return {};  // nobody can be connected
  shard* here = local_shard();
  if (whom.whom == audience::kind::connections && whom.connections.size() == 1 && here != nullptr &&
      whom.connections.front().home() == here->index()) {
    hub_connection* to = store(*here).find(whom.connections.front());
    if (to == nullptr) return {};
    to->send_message([&](const hub_protocol& protocol, wire_buffer& out) {
      protocol.write_invocation(out, {}, method, count, arguments);
    });
    return sent(connection_ref(&to->link()));
  }
  const encoded_message message = encode({}, method, count, arguments);
  if (here != nullptr) deliver_here(whom, message, *here);
  if (here == nullptr || stores_.size() > 1) deliver_elsewhere(whom, message, here);
  return {};
}

shard_set lifetime_manager::interested(const audience& whom) {
  shard_set shards;
  switch (whom.whom) {
    case audience::kind::all: return shards.set();
    case audience::kind::connections:
      for (const connection_id& id : whom.connections) {
        if (id.home() < max_shards) shards.set(id.home());
      }
      return shards;
    case audience::kind::groups:
    case audience::kind::users: {
      if (stores_.size() == 1) return shards.set();
      interest_table& table = whom.whom == audience::kind::groups ? groups_ : users_;
      for (const std::string& name : whom.names) shards |= table.shards_of(name);
      return shards;
    }
  }
  return shards;
}

void lifetime_manager::deliver_elsewhere(const audience& whom, const encoded_message& message, shard* here) {
  const shard_set wanted = interested(whom);
  const std::shared_ptr<const audience> shared = std::make_shared<const audience>(whom);
  for (shard* there : host_.shards()) {
    if (there == here || !wanted.test(there->index())) continue;
    const bool posted =
        there->post([this, shared, message, there] { deliver_here(*shared, message, *there); }, message.weight());
    if (!posted) {
      there->log().write(log_level::error, "hub",
                         "messages of hub " + name_ + " were lost: the mailbox of shard " +
                             std::to_string(there->index()) + " is full (server option mailbox_limit)");
    }
  }
}

void lifetime_manager::deliver_here(const audience& whom, const encoded_message& message, const shard& here) {
  connection_store& in = store(here);
  std::vector<const hub_connection*> except;
  for (const connection_id& id : whom.except) {
    if (const hub_connection* one = in.find(id)) except.push_back(one);
  }
  std::sort(except.begin(), except.end());
  switch (whom.whom) {
    case audience::kind::all: return fan_out(in.all(), except, message, in.traffic());
    case audience::kind::connections:
      for (const connection_id& id : whom.connections) {
        hub_connection* to = id.home() == here.index() ? in.find(id) : nullptr;
        if (to == nullptr) continue;
        frame* shared = message.of(to->link().format());
        if (shared == nullptr) continue;
        shared->acquire();
        to->send_frame(shared);
      }
      return;
    case audience::kind::groups:
    case audience::kind::users:
      for (const std::string& name : whom.names) {
        const member_set* set = whom.whom == audience::kind::groups ? in.group(name) : in.user(name);
        if (set != nullptr) fan_out(set->members, except, message, in.traffic());
      }
      return;
  }
}

void lifetime_manager::change_here(hub_connection& member, std::string_view group, bool add, const shard& here) {
  connection_store& in = store(here);
  const std::string name(group);  // a view into the set would die with it
  const bool changed = add ? in.join(member, name) : in.leave(member, name);
  if (!changed || stores_.size() == 1) return;
  if (add) {
    groups_.add(name, here.index());
  } else {
    groups_.remove(name, here.index());
  }
}

group_change lifetime_manager::change_group(std::string_view id_text, std::string_view group, bool add) {
  if (group.empty()) throw std::invalid_argument("a group name must not be empty");
  const auto id = connection_id::parse(id_text);
  if (!id || !started_.load(std::memory_order_acquire) || id->home() >= stores_.size()) return {};
  shard* here = local_shard();
  shard* home = host_.shards()[id->home()];
  if (here == home) {
    if (hub_connection* member = store(*home).find(*id)) change_here(*member, group, add, *home);
    return {};
  }
  auto answer = std::make_shared<group_change::pending>();
  const bool posted = home->post(
      [this, id = *id, name = std::string(group), add, home, here, answer] {
        if (hub_connection* member = store(*home).find(id)) change_here(*member, name, add, *home);
        if (here == nullptr) return;
        here->post([answer, here] {
          answer->done = true;
          if (answer->waiting) here->resume_later(answer->waiting, "groups");
        });
      },
      256 + group.size());
  if (!posted) {
    home->log().write(log_level::error, "hub",
                      "a group change of hub " + name_ + " was lost: the mailbox of shard " +
                          std::to_string(home->index()) + " is full (server option mailbox_limit)");
    return {};
  }
  return group_change(std::move(answer));
}

}  // namespace hubbub::inline v0
