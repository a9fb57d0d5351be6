// Passes the settings of a mapped hub on: to the hub, or to its mapping.
#include "hubbub/endpoint_builder.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "hubbub/hub/hub_endpoint.hpp"
#include "site.hpp"

namespace hubbub::inline v0 {

endpoint_builder& endpoint_builder::name(std::string stable_name) {
  hub_.settings().name = std::move(stable_name);
  return *this;
}
endpoint_builder& endpoint_builder::max_message_size(std::size_t limit) {
  hub_.settings().max_message_size = limit;
  return *this;
}
endpoint_builder& endpoint_builder::handshake_timeout(std::chrono::milliseconds limit) {
  hub_.settings().handshake_timeout = limit;
  return *this;
}
endpoint_builder& endpoint_builder::keep_alive_interval(std::chrono::milliseconds interval) {
  hub_.settings().keep_alive_interval = interval;
  return *this;
}
endpoint_builder& endpoint_builder::client_timeout(std::chrono::milliseconds limit) {
  hub_.settings().client_timeout = limit;
  return *this;
}
endpoint_builder& endpoint_builder::max_parallel_invocations(unsigned count) {
  hub_.settings().max_parallel_invocations = count;
  return *this;
}
endpoint_builder& endpoint_builder::stream_capacity(std::size_t items) {
  hub_.settings().stream_capacity = items;
  return *this;
}
endpoint_builder& endpoint_builder::upload_limit(std::size_t limit) {
  hub_.settings().upload_limit = limit;
  return *this;
}
endpoint_builder& endpoint_builder::max_streams(std::size_t count) {
  hub_.settings().max_streams = count;
  return *this;
}
endpoint_builder& endpoint_builder::detailed_errors(bool on) {
  hub_.settings().detailed_errors = on;
  return *this;
}
endpoint_builder& endpoint_builder::outbox_limit(std::size_t limit) {
  hub_.settings().outbox_limit = limit;
  return *this;
}
endpoint_builder& endpoint_builder::keep_headers(std::vector<std::string> names) {
  hub_.settings().kept_headers = std::move(names);
  return *this;
}
endpoint_builder& endpoint_builder::user_id(std::function<std::string(const principal*, const request&)> choose) {
  hub_.set_user_id(std::move(choose));
  return *this;
}
endpoint_builder& endpoint_builder::add_filter(hub_filter filter) {
  hub_.add_filter(std::move(filter));
  return *this;
}
endpoint_builder& endpoint_builder::require_authentication(bool on) {
  mapping_.require_authentication = on;
  return *this;
}
endpoint_builder& endpoint_builder::require_role(std::vector<std::string> any_of) {
  if (any_of.empty()) throw std::invalid_argument("require_role of '" + mapping_.path + "': there is none");
  mapping_.roles = std::move(any_of);
  return *this;
}
endpoint_builder& endpoint_builder::authorize(std::function<bool(const principal*, const request&)> policy) {
  mapping_.policy = std::move(policy);
  return *this;
}
endpoint_builder& endpoint_builder::close_on_authentication_expiration(bool on) {
  hub_.settings().close_on_authentication_expiration = on;
  return *this;
}
endpoint_builder& endpoint_builder::allowed_origins(std::vector<std::string> origins) {
  mapping_.own_origins = origin_policy_of(origins);
  return *this;
}
endpoint_builder& endpoint_builder::websocket_origins(std::vector<std::string> origins) {
  mapping_.own_websocket_origins = origin_policy_of(origins);
  return *this;
}
endpoint_builder& endpoint_builder::transports(std::initializer_list<transport_kind> wanted) {
  const auto has = [&](transport_kind one) { return std::find(wanted.begin(), wanted.end(), one) != wanted.end(); };
  if (wanted.size() == 0) throw std::invalid_argument("transports of '" + mapping_.path + "': there is none");
  mapping_.transports = {has(transport_kind::web_sockets), has(transport_kind::server_sent_events),
                         has(transport_kind::long_polling)};
  return *this;
}
endpoint_builder& endpoint_builder::protocols(std::initializer_list<protocol_kind> wanted) {
  if (wanted.size() == 0) throw std::invalid_argument("protocols of '" + mapping_.path + "': there is none");
  hub_.settings().protocols = wanted;
  return *this;
}
endpoint_builder& endpoint_builder::poll_timeout(std::chrono::milliseconds limit) {
  if (limit < std::chrono::milliseconds(1) || limit > std::chrono::hours(24)) {
    throw std::invalid_argument("poll_timeout of '" + mapping_.path + "' is " + std::to_string(limit.count()) +
                                " ms; it must be more than 0 and at most 24 hours");
  }
  mapping_.poll_timeout = limit;
  return *this;
}
endpoint_builder& endpoint_builder::allow_stateful_reconnects(bool on) {
  hub_.settings().allow_stateful_reconnects = on;
  return *this;
}
endpoint_builder& endpoint_builder::stateful_reconnect_buffer_size(std::size_t limit) {
  hub_.settings().stateful_reconnect_buffer_size = limit;
  return *this;
}
endpoint_builder& endpoint_builder::changed_user(user_change meaning) {
  mapping_.changed_user = meaning;
  return *this;
}
endpoint_builder& endpoint_builder::use_negotiation(
    std::function<negotiate_reply(const request&, const principal*)> hook) {
  mapping_.negotiation = std::move(hook);
  return *this;
}
endpoint_builder& endpoint_builder::use_negotiation(
    std::function<task<negotiate_reply>(const request&, const principal*)> hook) {
  mapping_.negotiation = std::move(hook);
  return *this;
}
endpoint_builder& endpoint_builder::minimum_negotiate_version(int version) {
  if (version < 0 || version > 1) {
    throw std::invalid_argument("minimum_negotiate_version is " + std::to_string(version) + "; it must be 0 or 1");
  }
  mapping_.minimum_negotiate_version = version;
  return *this;
}

}  // namespace hubbub::inline v0
