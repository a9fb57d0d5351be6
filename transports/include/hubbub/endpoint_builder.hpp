// Settings of a mapped hub, as `server::map` returns them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "hubbub/connection/principal.hpp"
#include "hubbub/connection/request.hpp"
#include "hubbub/connection/transport_kind.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/hub/filter.hpp"
#include "hubbub/hub/hub_settings.hpp"

namespace hubbub::inline v0 {

class hub_endpoint;
struct hub_mapping;

/// What happens when a later request of a connection comes with another user than its first one.
enum class user_change : std::uint8_t {
  warn,    ///< it is served and a warning logged; the hub goes on with the user it knows
  refuse,  ///< it is answered with 403
};

/// What a negotiate hook decides about a client that wants to connect. A value.
class negotiate_reply {
 public:
  /// A connection is made here.
  [[nodiscard]] static negotiate_reply accept() { return {}; }
  /// The client goes to another address, which negotiates anew; `access_token`, when not empty, is its token there.
  /// (transports.md 3.5)
  [[nodiscard]] static negotiate_reply redirect(std::string url, std::string access_token = {}) {
    negotiate_reply made;
    made.url_ = std::move(url);
    made.access_token_ = std::move(access_token);
    return made;
  }
  /// The client is told why not; clients report the text to their callers.
  [[nodiscard]] static negotiate_reply refuse(std::string error) {
    negotiate_reply made;
    made.error_ = std::move(error);
    return made;
  }

  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  [[nodiscard]] const std::string& access_token() const noexcept { return access_token_; }
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

 private:
  std::string url_;
  std::string access_token_;
  std::string error_;
};

/// Settings of one mapped hub, each with the default of ASP.NET Core where it has one. Frozen when the server starts;
/// `start` checks them and throws with the name and the value of a wrong one. One thread, before the start.
class endpoint_builder {
 public:
  /// For the server only.
  endpoint_builder(hub_endpoint& hub, hub_mapping& mapping) noexcept : hub_(hub), mapping_(mapping) {}
  endpoint_builder(const endpoint_builder&) = delete;
  endpoint_builder& operator=(const endpoint_builder&) = delete;

  /// The hub's stable name (decision: class name in PascalCase without namespace).
  endpoint_builder& name(std::string stable_name);
  /// Bytes a client may send in one message. Default 32 KiB; 0: no limit.
  endpoint_builder& max_message_size(std::size_t limit);
  /// How long a client may take for its handshake. Default 15 s.
  endpoint_builder& handshake_timeout(std::chrono::milliseconds limit);
  /// How often a Ping is sent. Default 15 s; 0: never.
  endpoint_builder& keep_alive_interval(std::chrono::milliseconds interval);
  /// Silence after which a client is given up. Default 30 s; 0: never.
  endpoint_builder& client_timeout(std::chrono::milliseconds limit);
  /// Invocations of one client that may run at the same time. Default 1.
  endpoint_builder& max_parallel_invocations(unsigned count);
  /// Items of a client's stream that wait for the method that reads them; what is more is kept encoded. Default 10.
  endpoint_builder& stream_capacity(std::size_t items);
  /// Bytes of such further items, of all streams of a client; beyond that nothing more is read from it. Default 1 MiB.
  endpoint_builder& upload_limit(std::size_t limit);
  /// Streams of a client that may be open at the same time, in both directions together. Default 1000.
  endpoint_builder& max_streams(std::size_t count);
  /// Exception texts go to the client. Default false.
  endpoint_builder& detailed_errors(bool on = true);
  /// Bytes that may wait for one client; more ends its connection. Default 4 MiB.
  endpoint_builder& outbox_limit(std::size_t limit);
  /// Request headers that hub methods can see after `on_connected`. Default none.
  endpoint_builder& keep_headers(std::vector<std::string> names);
  /// Chooses the user id of a connection from its principal (null: anonymous) and its request. Default: the claim
  /// `sub`. Called on all shards at once.
  endpoint_builder& user_id(std::function<std::string(const principal*, const request&)> choose);
  /// A filter around the calls and the connections of this mapping, behind those of `server::add_filter`; called on all
  /// shards at once. See hub_filter.
  endpoint_builder& add_filter(hub_filter filter);
  /// Anonymous requests are answered with 401. Default: they are welcome.
  endpoint_builder& require_authentication(bool on = true);
  /// Only users with one of these roles (claim `role`): others are answered with 403, anonymous ones with 401.
  endpoint_builder& require_role(std::vector<std::string> any_of);
  /// Only requests for which `policy` gives true, called with the principal (null: anonymous) on all shards at once:
  /// other users are answered with 403, anonymous ones with 401. Roles are looked at first.
  endpoint_builder& authorize(std::function<bool(const principal*, const request&)> policy);
  /// Connections end when the authentication of their user does: Close with permission to reconnect. Every poll renews
  /// it. Default false.
  endpoint_builder& close_on_authentication_expiration(bool on = true);
  /// Web pages that may connect, for WebSockets and CORS: see `server::allowed_origins`, which this replaces.
  endpoint_builder& allowed_origins(std::vector<std::string> origins);
  /// The same for the WebSocket check alone.
  endpoint_builder& websocket_origins(std::vector<std::string> origins);
  /// The transports that are offered and accepted; at least one. Default: all. Throws std::invalid_argument for none.
  endpoint_builder& transports(std::initializer_list<transport_kind> wanted);
  /// The hub protocols that clients may choose; at least one. Default: all. Throws std::invalid_argument for none.
  endpoint_builder& protocols(std::initializer_list<protocol_kind> wanted);
  /// Long polling: how long a poll waits for data before it is answered without. Default 90 s.
  endpoint_builder& poll_timeout(std::chrono::milliseconds limit);
  /// Clients that ask for it keep their connection when their WebSocket is lost and they come back within
  /// `server_options::disconnect_timeout`: nothing is lost, nothing doubled, the hub does not notice. Default false.
  endpoint_builder& allow_stateful_reconnects(bool on = true);
  /// Bytes that may be sent to such a client before it acknowledges them; what is more waits in its outbox. Default
  /// 100000.
  endpoint_builder& stateful_reconnect_buffer_size(std::size_t limit);
  /// What it means that a later poll, or a WebSocket that resumes, comes with another user. Default `warn`.
  endpoint_builder& changed_user(user_change meaning);
  /// Asked about each negotiation, after authentication: `hook` takes a `request const&` and a `principal const*`
  /// (null: anonymous) and returns a `negotiate_reply` or a `task<negotiate_reply>`; on all shards at once. An
  /// exception is answered with 500. Clients that skip negotiation do not come by here. Default: all are accepted.
  template <class Hook>
  endpoint_builder& on_negotiate(Hook hook) {
    using result = std::invoke_result_t<Hook&, const request&, const principal*>;
    if constexpr (std::is_convertible_v<result, negotiate_reply>) {
      return use_negotiation(std::function<negotiate_reply(const request&, const principal*)>(std::move(hook)));
    } else {
      return use_negotiation(std::function<task<negotiate_reply>(const request&, const principal*)>(std::move(hook)));
    }
  }
  /// The lowest version of negotiation that is spoken: 0 (the default) or 1.
  endpoint_builder& minimum_negotiate_version(int version);

 private:
  endpoint_builder& use_negotiation(std::function<negotiate_reply(const request&, const principal*)> hook);
  endpoint_builder& use_negotiation(std::function<task<negotiate_reply>(const request&, const principal*)> hook);

  hub_endpoint& hub_;
  hub_mapping& mapping_;
};

}  // namespace hubbub::inline v0
