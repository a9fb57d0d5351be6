// Settings of a hub on a testing host, and who may connect to it.
#include "hubbub/testing/endpoint.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::inline v0::testing {

endpoint& endpoint::name(std::string stable_name) {
  settings().name = std::move(stable_name);
  return *this;
}
endpoint& endpoint::max_message_size(std::size_t limit) {
  settings().max_message_size = limit;
  return *this;
}
endpoint& endpoint::handshake_timeout(std::chrono::milliseconds limit) {
  settings().handshake_timeout = limit;
  return *this;
}
endpoint& endpoint::keep_alive_interval(std::chrono::milliseconds interval) {
  settings().keep_alive_interval = interval;
  return *this;
}
endpoint& endpoint::client_timeout(std::chrono::milliseconds limit) {
  settings().client_timeout = limit;
  return *this;
}
endpoint& endpoint::max_parallel_invocations(unsigned count) {
  settings().max_parallel_invocations = count;
  return *this;
}
endpoint& endpoint::stream_capacity(std::size_t items) {
  settings().stream_capacity = items;
  return *this;
}
endpoint& endpoint::upload_limit(std::size_t limit) {
  settings().upload_limit = limit;
  return *this;
}
endpoint& endpoint::max_streams(std::size_t count) {
  settings().max_streams = count;
  return *this;
}
endpoint& endpoint::detailed_errors(bool on) {
  settings().detailed_errors = on;
  return *this;
}
endpoint& endpoint::outbox_limit(std::size_t limit) {
  settings().outbox_limit = limit;
  return *this;
}
endpoint& endpoint::keep_headers(std::vector<std::string> names) {
  settings().kept_headers = std::move(names);
  return *this;
}
endpoint& endpoint::user_id(std::function<std::string(const principal*, const request&)> choose) {
  hub_.set_user_id(std::move(choose));
  return *this;
}
endpoint& endpoint::add_filter(hub_filter filter) {
  hub_.add_filter(std::move(filter));
  return *this;
}
endpoint& endpoint::require_authentication(bool on) {
  require_authentication_ = on;
  return *this;
}
endpoint& endpoint::require_role(std::vector<std::string> any_of) {
  roles_ = std::move(any_of);
  return *this;
}
endpoint& endpoint::authorize(std::function<bool(const principal*, const request&)> policy) {
  policy_ = std::move(policy);
  return *this;
}
endpoint& endpoint::close_on_authentication_expiration(bool on) {
  settings().close_on_authentication_expiration = on;
  return *this;
}
endpoint& endpoint::allow_stateful_reconnects(bool on) {
  settings().allow_stateful_reconnects = on;
  return *this;
}
endpoint& endpoint::stateful_reconnect_buffer_size(std::size_t limit) {
  settings().stateful_reconnect_buffer_size = limit;
  return *this;
}
endpoint& endpoint::protocols(std::initializer_list<protocol_kind> wanted) {
  settings().protocols = wanted;
  return *this;
}

int endpoint::refusal(const principal* who, const request& asked) const {
  const auto has = [&](const std::string& role) { return who != nullptr && who->in_role(role); };
  const bool admitted = (roles_.empty() || std::any_of(roles_.begin(), roles_.end(), has)) &&
                        (!policy_ || policy_(who, asked)) && (!require_authentication_ || who != nullptr);
  if (admitted) return 0;
  return who == nullptr ? 401 : 403;
}

}  // namespace hubbub::inline v0::testing
