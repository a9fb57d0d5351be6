// Client proxies and group changes as applications write them.
#include "hubbub/hub/clients.hpp"

#include <algorithm>
#include <stdexcept>

#include "hub_connection.hpp"
#include "lifetime_manager.hpp"

namespace hubbub::inline v0 {
namespace {

// Who is listed twice is told once, as in the reference.
std::vector<std::string> each_once(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

std::vector<connection_id> parse_ids(const std::vector<std::string>& texts) {
  std::vector<connection_id> ids;
  ids.reserve(texts.size());
  for (const std::string& text : each_once(texts)) {
    if (const auto id = connection_id::parse(text)) ids.push_back(*id);  // what is no id is nobody's
  }
  return ids;
}

audience of_names(audience::kind whom, std::vector<std::string> names) {
  audience made;
  made.whom = whom;
  if (whom == audience::kind::groups) {
    for (const std::string& name : names) {
      if (name.empty()) throw std::invalid_argument("Cannot send to an empty group name.");
    }
  }
  made.names = std::move(names);
  return made;
}

audience of_name(audience::kind whom, std::string_view name) {
  std::vector<std::string> names;
  names.emplace_back(name);
  return of_names(whom, std::move(names));
}

audience of_connections(std::vector<connection_id> ids) {
  audience made;
  made.whom = audience::kind::connections;
  made.connections = std::move(ids);
  return made;
}

}  // namespace

sent client_proxy::deliver(std::string_view method, std::size_t count, write_values arguments) const {
  return lifetime_->send(whom_, method, count, arguments);
}

bool sent::start(std::coroutine_handle<> waiting, const task_context& context) {
  // Asked first, even when there is nobody to wait for: a loop of awaited sends must end when its client has left, and
  // from then on nothing else would ever stop it or give the shard to others.
  if (context.cancel != nullptr && context.cancel->requested()) {
    cancelled_ = true;
    return false;
  }
  if (!recipient_ || recipient_->finished() || !recipient_->congested()) return false;
  connection_receiver* receiver = recipient_->receiver();
  if (receiver == nullptr) return false;
  wait_ = std::make_shared<drain_wait>(waiting, context);
  if (context.cancel != nullptr) context.cancel->add(*wait_);
  static_cast<hub_connection*>(receiver)->wait_for_drain(wait_);
  return true;
}

void sent::await_resume() const {
  if (cancelled_ || (wait_ != nullptr && wait_->cancelled)) throw operation_cancelled();
}

sent::~sent() {
  if (wait_ != nullptr) wait_->abandon();
}

group_change group_manager::add(std::string_view connection_id, std::string_view group) const {
  return lifetime_->change_group(connection_id, group, true);
}
group_change group_manager::remove(std::string_view connection_id, std::string_view group) const {
  return lifetime_->change_group(connection_id, group, false);
}

client_proxy hub_clients::all() const { return {*lifetime_, audience{}}; }
client_proxy hub_clients::all_except(const std::vector<std::string>& connection_ids) const {
  audience whom;
  whom.except = parse_ids(connection_ids);
  return {*lifetime_, std::move(whom)};
}
single_client hub_clients::client(std::string_view connection_id) const {
  std::vector<hubbub::connection_id> ids;
  if (const auto id = connection_id::parse(connection_id)) ids.push_back(*id);
  return {*lifetime_, of_connections(std::move(ids))};
}
client_proxy hub_clients::clients(const std::vector<std::string>& connection_ids) const {
  return {*lifetime_, of_connections(parse_ids(connection_ids))};
}
client_proxy hub_clients::group(std::string_view name) const {
  return {*lifetime_, of_name(audience::kind::groups, name)};
}
client_proxy hub_clients::group_except(std::string_view name, const std::vector<std::string>& connection_ids) const {
  audience whom = of_name(audience::kind::groups, name);
  whom.except = parse_ids(connection_ids);
  return {*lifetime_, std::move(whom)};
}
client_proxy hub_clients::groups(std::vector<std::string> names) const {
  return {*lifetime_, of_names(audience::kind::groups, std::move(names))};
}
client_proxy hub_clients::user(std::string_view user_id) const {
  return {*lifetime_, of_name(audience::kind::users, user_id)};
}
client_proxy hub_clients::users(std::vector<std::string> user_ids) const {
  return {*lifetime_, of_names(audience::kind::users, each_once(std::move(user_ids)))};
}

single_client hub_caller_clients::caller() const { return {*lifetime_, of_connections({caller_})}; }
client_proxy hub_caller_clients::others() const {
  audience whom;
  whom.except.push_back(caller_);
  return {*lifetime_, std::move(whom)};
}
client_proxy hub_caller_clients::others_in_group(std::string_view name) const {
  audience whom = of_name(audience::kind::groups, name);
  whom.except.push_back(caller_);
  return {*lifetime_, std::move(whom)};
}

}  // namespace hubbub::inline v0
