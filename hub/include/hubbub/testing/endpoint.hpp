// Settings of a hub mapped on a testing host: the same names as `endpoint_builder` of the server has.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "hubbub/connection/principal.hpp"
#include "hubbub/connection/request.hpp"
#include "hubbub/hub/filter.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "hubbub/hub/hub_settings.hpp"

namespace hubbub::inline v0::testing {

/// What `host::map` returns. It has the functions of the server's `endpoint_builder` but those that concern transports
/// and web pages, so that one function template can set up a hub here and there. Frozen when the first client comes:
/// then settings are checked, and a wrong one throws std::invalid_argument with its name. The test's thread.
class endpoint {
 public:
  /// For the host only.
  explicit endpoint(hub_endpoint& hub) noexcept : hub_(hub) {}
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;

  /// The hub's stable name.
  endpoint& name(std::string stable_name);
  /// Bytes a client may send in one message; 0: no limit.
  endpoint& max_message_size(std::size_t limit);
  /// How long a client may take for its handshake.
  endpoint& handshake_timeout(std::chrono::milliseconds limit);
  /// How often a Ping is sent; 0: never.
  endpoint& keep_alive_interval(std::chrono::milliseconds interval);
  /// Silence after which a client that pings is given up; 0: never.
  endpoint& client_timeout(std::chrono::milliseconds limit);
  /// Invocations of one client that may run at the same time.
  endpoint& max_parallel_invocations(unsigned count);
  /// Items of a client's stream that wait for their method.
  endpoint& stream_capacity(std::size_t items);
  /// Bytes of further items, of all streams of a client.
  endpoint& upload_limit(std::size_t limit);
  /// Streams of a client that may be open at the same time.
  endpoint& max_streams(std::size_t count);
  /// Exception texts go to the client.
  endpoint& detailed_errors(bool on = true);
  /// Bytes that may wait for one client.
  endpoint& outbox_limit(std::size_t limit);
  /// Request headers that hub methods can see after `on_connected`.
  endpoint& keep_headers(std::vector<std::string> names);
  /// Chooses the user id of a connection. Default: the claim `sub`.
  endpoint& user_id(std::function<std::string(const principal*, const request&)> choose);
  /// A filter of this hub, behind those of the host.
  endpoint& add_filter(hub_filter filter);
  /// Anonymous clients are refused: `connect` throws connection_error with status 401.
  endpoint& require_authentication(bool on = true);
  /// Only users with one of these roles: others are refused with status 403, anonymous ones with 401.
  endpoint& require_role(std::vector<std::string> any_of);
  /// Only requests for which `policy` gives true: others are refused as by `require_role`.
  endpoint& authorize(std::function<bool(const principal*, const request&)> policy);
  /// Connections end when the authentication of their user does, by the machine's own clock.
  endpoint& close_on_authentication_expiration(bool on = true);
  /// Clients that ask for it go on over another wire when theirs is cut (`client_options::stateful_reconnect`).
  endpoint& allow_stateful_reconnects(bool on = true);
  /// Bytes that may be sent to such a client before it acknowledges them.
  endpoint& stateful_reconnect_buffer_size(std::size_t limit);
  /// The hub protocols that clients may choose; at least one.
  endpoint& protocols(std::initializer_list<protocol_kind> wanted);
  /// All settings of the hub itself, by their names in `hub_settings`.
  [[nodiscard]] hub_settings& settings() noexcept { return hub_.settings(); }

  /// 0 when this client may connect, or the status with which a server refuses it.
  [[nodiscard]] int refusal(const principal* who, const request& asked) const;

 private:
  hub_endpoint& hub_;
  bool require_authentication_ = false;
  std::vector<std::string> roles_;
  std::function<bool(const principal*, const request&)> policy_;
};

}  // namespace hubbub::inline v0::testing
