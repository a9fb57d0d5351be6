// In this order: preflight, origin, authentication, method, id, transport, state. Texts are those of ASP.NET Core.
#include "endpoint/hub_gate.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "endpoint/changed_user.hpp"
#include "endpoint/serve_request.hpp"
#include "http/http_text.hpp"
#include "shard_server.hpp"
#include "websocket/websocket_handshake.hpp"

namespace hubbub::inline v0 {
namespace {

response plain(int status, std::string text = {}) {
  response answer = response::text(std::move(text), status);
  answer.content_type = "text/plain";
  return answer;
}

// The client may come back, and the answer says when.
response later(const site& whole, std::string text = {}) {
  response answer = plain(503, std::move(text));
  if (std::string wait = retry_after_text(whole.options); !wait.empty()) {
    answer.headers.emplace_back("Retry-After", std::move(wait));
  }
  return answer;
}

response unavailable(const site& whole) { return later(whole, "The server is stopping"); }

// The whole media type must match: parameters and wildcards mean long polling (transports.md 5).
bool wants_event_stream(const request& asked) {
  return http_text::list_has(asked.headers("Accept"), "text/event-stream");
}

// The token or id of a request, and what is known of it here.
struct lookup {
  enum class result { missing, unknown, elsewhere, here } found = result::missing;
  std::uint32_t entry = connection_table::nowhere;
  unsigned shard = 0;
  token_bits bits{};
};

lookup look_up(http_session& on, const hub_mapping& hub) {
  const auto text = on.asked().query("id");
  if (!text || text->empty()) return {};
  lookup seen{lookup::result::unknown};
  site& whole = on.server().whole();
  // Most requests come to where the connection lives.
  seen.entry = on.server().table().find(*text, hub);
  if (seen.entry != connection_table::nowhere) {
    seen.found = lookup::result::here;
    seen.shard = on.server().home().index();
    seen.bits = on.server().table().at(seen.entry).bits;
    return seen;
  }
  if (const auto place = whole.signer.verify(*text)) {
    if (place->node != whole.node || place->hub != hub.tag) return seen;
    seen.shard = place->shard;
  } else if (const auto id = connection_id::parse(*text)) {  // version 0: the id is the token
    seen.shard = id->home();
  } else {
    return seen;
  }
  const auto bits = bits_of_token(*text);
  if (!bits || seen.shard >= whole.shards.size() || seen.shard == on.server().home().index()) return seen;
  seen.bits = *bits;
  seen.found = lookup::result::elsewhere;
  return seen;
}

// What one request to a hub goes through.
class hub_gate {
 public:
  hub_gate(http_session& on, const hub_mapping& hub, bool upgrades)
      : on_(on), hub_(hub), asked_(on.asked()), upgrades_(upgrades) {}

  served negotiate() {
    if (asked_.method() != "POST") return say(plain(405));
    site& whole = on_.server().whole();
    if (whole.stopping.load(std::memory_order_relaxed)) return say(unavailable(on_.server().whole()));
    const negotiate_choice choice = choose_negotiate_version(asked_, hub_.minimum_negotiate_version);
    if (!choice.error.empty()) return refuse(choice.error);
    if (ask_negotiation(on_, hub_) == served::waiting) return served::waiting;
    if (on_.exchange().answer) return say(*std::exchange(on_.exchange().answer, std::nullopt));
    if (const auto& decided = on_.exchange().negotiation) {
      if (!decided->error().empty()) return refuse(decided->error());
      if (!decided->url().empty()) return redirect(*decided);
    }
    const server_options& options = whole.options;
    const std::size_t most = options.max_pending_connections;
    if (most != 0 && whole.pending.total.load(std::memory_order_relaxed) >= most) {
      turn_away(on_.server(), limit_kind::max_pending_connections);
      return say(later(whole));
    }
    std::uint32_t place = address_counts::nowhere;
    const peer_address& client = on_.exchange().client;
    if (options.max_pending_per_address != 0 && client.family != 0) {
      const auto entered = whole.pending.by_address.enter(client, options.max_pending_per_address);
      if (!entered) {
        turn_away(on_.server(), limit_kind::max_pending_per_address);
        return say(later(whole));
      }
      place = *entered;
    }
    shard& home = on_.server().home();
    const connection_ref fresh(new connection(home, hub_.handler->limits()));
    if (choice.version == 0) fresh->set_id_is_secret();
    const bool stateful = hub_.transports.web_sockets && hub_.handler->allows_stateful_reconnects() &&
                          asks_for_stateful_reconnect(asked_);
    fresh->set_stateful(stateful);
    const std::string id = fresh->id().text();
    const std::string token =
        choice.version == 0 ? id : whole.signer.make({whole.node, static_cast<std::uint16_t>(home.index()), hub_.tag});
    on_.server().table().add(token, fresh, hub_, on_.server().sockets().now(), place);
    on_.server().counters().negotiations_accepted.add();
    response answer = response::json(negotiate_body(choice.version, {id, token}, hub_.transports, stateful));
    answer.headers.emplace_back("Cache-Control", "no-store");  // it carries a secret
    return say(std::move(answer));
  }

  served get() {
    if (wants_event_stream(asked_)) return event_stream();
    if (upgrades_) return web_socket();
    return go_home(home_request::kind::poll);
  }

  served post() {
    const lookup id = look_up(on_, hub_);
    if (!is_known(id)) return without_connection(id, false);
    if (id.found == lookup::result::elsewhere) return leave(id, home_request::kind::post);
    const connection_table::entry& entry = on_.server().table().at(id.entry);
    // As a rule the hub takes it at once.
    if (entry.posts == nullptr || !entry.posts->deliver_now(asked_.body())) return leave(id, home_request::kind::post);
    if (entry.posts->full()) return leave(id, home_request::kind::delivered_post);
    return say(plain(200));
  }

  served remove() { return go_home(home_request::kind::remove); }

  served other_method() { return say(plain(405)); }

 private:
  served refuse(std::string_view error) {
    on_.server().counters().negotiations_refused.add();
    return say(response::json(negotiate_error_body(error)));
  }

  served redirect(const negotiate_reply& to) {
    on_.server().counters().negotiations_redirected.add();
    response answer = response::json(negotiate_redirect_body(to.url(), to.access_token()));
    answer.headers.emplace_back("Cache-Control", "no-store");  // it may carry a secret
    return say(std::move(answer));
  }

  served say(response what) { return reply(on_, hub_.origins.http, std::move(what)); }

  [[nodiscard]] static bool is_known(const lookup& id) {
    return id.found == lookup::result::here || id.found == lookup::result::elsewhere;
  }

  // Polls, POSTs and DELETEs leave their socket where it is.
  served leave(const lookup& id, home_request::kind what) {
    return on_.leave_to(*on_.server().whole().shards[id.shard], what, id.bits, hub_);
  }
  served go_home(home_request::kind what) {
    const lookup id = look_up(on_, hub_);
    return is_known(id) ? leave(id, what) : without_connection(id, what == home_request::kind::poll);
  }

  served without_connection(const lookup& id, bool is_poll) {
    response answer = id.found == lookup::result::missing ? plain(400, "Connection ID required")
                                                          : plain(404, "No Connection with that ID");
    if (is_poll) add_poll_headers(answer);
    return say(std::move(answer));
  }

  static void add_poll_headers(response& answer) {
    answer.headers.emplace_back("Cache-Control", "no-cache, no-store");
    answer.headers.emplace_back("Pragma", "no-cache");
    answer.headers.emplace_back("Expires", "Thu, 01 Jan 1970 00:00:00 GMT");
  }

  // Event streams and WebSockets go with their socket to the home of the connection.
  served move_home(const lookup& id) { return on_.hand_over(*on_.server().whole().shards[id.shard]); }

  // Why a transport cannot carry the connection, which is at home here.
  [[nodiscard]] std::optional<response> refusal_of(transport_kind wanted, const lookup& id) {
    const auto carried_by = on_.server().table().at(id.entry).carried_by;
    if (carried_by == wanted) return plain(409);
    if (carried_by) return plain(400, "Cannot change transports mid-connection");
    if (on_.server().whole().stopping.load(std::memory_order_relaxed)) return unavailable(on_.server().whole());
    return std::nullopt;
  }

  served event_stream() {
    const lookup id = look_up(on_, hub_);
    if (id.found == lookup::result::elsewhere) return move_home(id);
    if (id.found != lookup::result::here) return without_connection(id, false);
    if (!hub_.transports.server_sent_events) {
      return say(plain(404, "ServerSentEvents transport not supported by this end point type"));
    }
    if (auto no = refusal_of(transport_kind::server_sent_events, id)) return say(std::move(*no));
    connection_table& table = on_.server().table();
    table.attached(id.entry, transport_kind::server_sent_events);
    table.at(id.entry).who->set_stateful(false);
    return on_.stream(table.at(id.entry).who, hub_, id.entry);
  }

  served web_socket() {
    const upgrade_verdict verdict = check_upgrade(asked_);
    if (verdict.status != 101) {
      response answer = plain(verdict.status, std::string(verdict.reason));
      if (verdict.status == 426) answer.headers.emplace_back("Sec-WebSocket-Version", "13");
      return say(std::move(answer));
    }
    const lookup id = look_up(on_, hub_);
    if (id.found == lookup::result::elsewhere) return move_home(id);
    if (id.found == lookup::result::unknown) {
      response answer = plain(404, "No Connection with that ID");
      answer.content_type.clear();
      return say(std::move(answer));
    }
    if (!hub_.transports.web_sockets)
      return say(plain(404, "WebSockets transport not supported by this end point type"));
    if (id.found == lookup::result::missing) {
      if (on_.server().whole().stopping.load(std::memory_order_relaxed)) return say(unavailable(on_.server().whole()));
      return on_.upgrade(connection_ref(new connection(on_.server().home(), hub_.handler->limits())), &hub_, nullptr,
                         connection_table::nowhere);
    }
    if (on_.server().table().at(id.entry).who->resumable()) return resume(id);
    if (auto no = refusal_of(transport_kind::web_sockets, id)) return say(std::move(*no));
    connection_table& table = on_.server().table();
    table.attached(id.entry, transport_kind::web_sockets);
    return on_.upgrade(table.at(id.entry).who, &hub_, nullptr, id.entry);
  }

  // Stateful reconnect: the WebSocket that has carried the connection is gone, or soon will be (transports.md 6.6).
  served resume(const lookup& id) {
    if (on_.server().whole().stopping.load(std::memory_order_relaxed)) return say(unavailable(on_.server().whole()));
    const connection_ref who = on_.server().table().at(id.entry).who;
    const auto& asking = on_.exchange().who->who();
    if (!accepts_user(on_.server(), hub_, *who, asking.get(), "a WebSocket that resumes")) return say(plain(403));
    if (asking != nullptr) who->renew_authentication(asking->expires_at());
    return on_.resume(who, id.entry);
  }

  http_session& on_;
  const hub_mapping& hub_;
  const request& asked_;
  bool upgrades_;  // asks for a WebSocket
};

// Asks roles and policy of a hub. A policy that throws is answered with 500.
bool admits(http_session& on, const hub_mapping& hub, const principal* who) {
  try {
    return hub.admits(who, on.asked());
  } catch (const std::exception& error) {
    on.server().home().log().write(log_level::error, "http",
                                   "the policy of " + hub.path + " threw: " + printable(error.what(), 1000));
  } catch (...) {
    on.server().home().log().write(log_level::error, "http", "the policy of " + hub.path + " threw");
  }
  on.exchange().answer = plain(500);
  return false;
}

// Those who may not: 500, 401, 403, or 403 for the origin. Nothing: go on.
std::optional<response> refusal(http_session& on, const hub_mapping* hub) {
  http_exchange& now = on.exchange();
  if (now.answer) return std::exchange(now.answer, std::nullopt);
  const principal* const who = now.who->who().get();
  const bool admitted = hub == nullptr || ((who != nullptr || !hub->require_authentication) && admits(on, *hub, who));
  if (now.answer) return std::exchange(now.answer, std::nullopt);
  switch (now.who->what()) {
    case auth_result::kind::user:
      if (!admitted) return plain(403);
      return std::nullopt;
    case auth_result::kind::forbid: return plain(403);
    case auth_result::kind::anonymous:
      if (admitted) return std::nullopt;
      [[fallthrough]];
    case auth_result::kind::challenge: {
      response answer = plain(401);
      const std::string& scheme = now.who->scheme();
      answer.headers.emplace_back("WWW-Authenticate", scheme.empty() ? "Bearer" : scheme);
      return answer;
    }
  }
  return std::nullopt;
}

response foreign_origin(http_session& on) {
  on.server().counters().rejected(limit_kind::allowed_origins);
  on.server().home().log().write(log_level::information, "server",
                                 "a WebSocket from a foreign origin was refused (server option allowed_origins)");
  return plain(403, "The origin is not among allowed_origins");
}

void tell_without_cors_headers(http_session& on, const char* what) {
  on.server().home().log().write(
      log_level::information, "server",
      std::string(what) + " from a foreign origin gets no CORS headers (server option allowed_origins)");
}

served preflight(http_session& on, const hub_mapping& hub) {
  if (!hub.origins.http.shares_with(on.asked())) tell_without_cors_headers(on, "a preflight");
  return on.answer(hub.origins.http.preflight(on.asked()));
}

// Pages that CORS keeps out are refused by their browser, not here. The log tells what begins a connection, once;
// polls, POSTs and DELETEs belong to one, and would tell it again and again.
void tell_of_foreign_page(http_session& on, const hub_mapping& hub, bool negotiation) {
  if (on.exchange().who) return;  // the same request, behind a wait or at another shard
  if (!negotiation && on.asked().method() != "GET") return;
  if (hub.origins.http.allows(on.asked(), on.exchange().host)) return;
  if (negotiation) return tell_without_cors_headers(on, "a negotiation");
  if (wants_event_stream(on.asked())) tell_without_cors_headers(on, "an event stream");
}

}  // namespace

served serve_hub(http_session& on, const hub_mapping& hub, bool negotiation) {
  if (origin_policy::is_preflight(on.asked())) return preflight(on, hub);
  const bool upgrades = !negotiation && asks_for_websocket(on.asked());
  if (upgrades && !hub.origins.web_sockets.allows(on.asked(), on.exchange().host)) {
    return reply(on, hub.origins.http, foreign_origin(on));
  }
  if (!upgrades) tell_of_foreign_page(on, hub, negotiation);
  if (authenticate(on) == served::waiting) return served::waiting;
  if (auto no = refusal(on, &hub)) return reply(on, hub.origins.http, std::move(*no));

  hub_gate gate(on, hub, upgrades);
  if (negotiation) return gate.negotiate();
  const std::string_view method = on.asked().method();
  if (method == "GET") return gate.get();
  if (method == "POST") return gate.post();
  if (method == "DELETE") return gate.remove();
  return gate.other_method();
}

served serve_raw(http_session& on, const raw_mapping& raw) {
  if (origin_policy::is_preflight(on.asked())) return on.answer(raw.origins.http.preflight(on.asked()));
  if (!asks_for_websocket(on.asked())) {
    response answer = response::text("This path speaks WebSocket only", 426);
    answer.headers.emplace_back("Upgrade", "websocket");
    return reply(on, raw.origins.http, std::move(answer));
  }
  if (!raw.origins.web_sockets.allows(on.asked(), on.exchange().host))
    return reply(on, raw.origins.http, foreign_origin(on));
  if (authenticate(on) == served::waiting) return served::waiting;
  if (auto no = refusal(on, nullptr)) return reply(on, raw.origins.http, std::move(*no));

  const upgrade_verdict verdict = check_upgrade(on.asked());
  if (verdict.status != 101) {
    response answer = response::text(std::string(verdict.reason), verdict.status);
    if (verdict.status == 426) answer.headers.emplace_back("Sec-WebSocket-Version", "13");
    return reply(on, raw.origins.http, std::move(answer));
  }
  if (on.server().whole().stopping.load(std::memory_order_relaxed))
    return reply(on, raw.origins.http, unavailable(on.server().whole()));
  return on.upgrade(connection_ref(new connection(on.server().home(), raw.outbox)), nullptr, &raw,
                    connection_table::nowhere);
}

}  // namespace hubbub::inline v0
