// What a server serves: its routes and rules. Built before the server starts, immutable afterwards: all shards read it.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "http/cors.hpp"
#include "http/forwarding.hpp"
#include "http/request_reader.hpp"
#include "http/router.hpp"
#include "http/static_directory.hpp"
#include "hubbub/connection/connection_handler.hpp"
#include "hubbub/connection/principal.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/endpoint_builder.hpp"
#include "hubbub/http.hpp"
#include "hubbub/raw_websocket.hpp"
#include "hubbub/server_options.hpp"
#include "negotiate/connection_table.hpp"
#include "negotiate/connection_token.hpp"
#include "negotiate/negotiate.hpp"
#include "net/arrival.hpp"

namespace hubbub::inline v0 {

class shard_server;

using plain_negotiation = std::function<negotiate_reply(const request&, const principal*)>;
using task_negotiation = std::function<task<negotiate_reply>(const request&, const principal*)>;

/// Who may come from where.
struct origin_rules {
  origin_policy web_sockets;  ///< the check at the upgrade
  origin_policy http;         ///< CORS of everything else
};

/// A path that leads to a hub (or in tests to something else that handles connections).
struct hub_mapping {
  std::string path;
  std::shared_ptr<connection_handler> handler;
  std::uint32_t tag = 0;  ///< in tokens: they are valid at their own hub only
  offered_transports transports;
  std::chrono::milliseconds poll_timeout{90'000};
  user_change changed_user = user_change::warn;
  int minimum_negotiate_version = 0;
  std::variant<std::monostate, plain_negotiation, task_negotiation> negotiation;  ///< asked before a connection is made
  bool require_authentication = false;
  std::vector<std::string> roles;  ///< any of these; empty: no role is needed
  std::function<bool(const principal*, const request&)> policy;

  /// May this user use the hub?
  [[nodiscard]] bool admits(const principal* who, const request& asked) const {
    const auto has = [&](const std::string& role) { return who != nullptr && who->in_role(role); };
    if (!roles.empty() && std::none_of(roles.begin(), roles.end(), has)) return false;
    return !policy || policy(who, asked);
  }
  std::optional<origin_policy> own_origins;            ///< instead of the server's
  std::optional<origin_policy> own_websocket_origins;  ///< for the upgrade alone
  origin_rules origins;                                ///< what comes of all that, at start
};

/// The rule for a list of origins; `*` means any. Throws std::invalid_argument for a text that is no origin.
[[nodiscard]] origin_policy origin_policy_of(const std::vector<std::string>& origins);

/// A path of raw WebSockets.
struct raw_mapping {
  std::string path;
  websocket_handler handler;
  websocket_limits limits;
  connection_limits outbox;
  origin_rules origins;
};

using plain_page = std::function<response(const request&)>;
using task_page = std::function<task<response>(const request&)>;
using plain_authentication = std::function<auth_result(const request&)>;
using task_authentication = std::function<task<auth_result>(const request&)>;

struct page_route {
  std::variant<plain_page, task_page> handle;
};
struct directory_route {
  std::shared_ptr<const static_directory> files;
};
struct health_route {};
struct hub_route {
  const hub_mapping* hub;
  bool negotiate;
};
struct raw_route {
  const raw_mapping* raw;
};
using route = std::variant<page_route, directory_route, health_route, hub_route, raw_route>;

/// What is counted to limit it. Outlives the shards, which count out until their end.
struct admission_counts {
  socket_counts sockets;
  pending_counts pending;
};

/// See above. Only the members at the end change while the server runs.
struct site {
  explicit site(admission_counts& counts) noexcept : sockets(counts.sockets), pending(counts.pending) {}

  server_options options;
  http_limits limits;
  router<route> routes;
  origin_rules origins;  ///< of everything that is no hub
  std::vector<std::unique_ptr<hub_mapping>> hubs;
  std::vector<std::unique_ptr<raw_mapping>> raws;
  std::variant<std::monostate, plain_authentication, task_authentication> authenticate;
  token_signer signer = token_signer::with_random_key();
  std::uint64_t node = 0;
  trusted_proxies proxies;
  std::vector<shard_server*> shards;  ///< by index

  std::atomic<bool> stopping{false};
  socket_counts& sockets;
  pending_counts& pending;                     ///< negotiated, not yet connected
  std::atomic<std::int64_t> complained_at{0};  ///< see `turn_away`
};

}  // namespace hubbub::inline v0
