// Driving shards by hand: who runs when, how time passes, and who is still there at the end.
#include "node.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "hubbub/testing/client_core.hpp"
#include "hubbub/testing/failure.hpp"

namespace hubbub::inline v0::testing::detail {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds sweep_interval{100};  // the steps in which a shard looks after its connections
// What needs more at one instant does not come to rest.
constexpr int most_rounds = 20'000;
constexpr std::size_t most_bytes = 64 * 1024 * 1024;

// The user an authentication hook had found.
std::shared_ptr<const principal> user_of(const client_options& who) {
  if (who.user) return std::make_shared<const principal>(*who.user);
  if (who.user_id.empty() && who.roles.empty()) return nullptr;
  std::vector<principal::claim> claims;
  if (!who.user_id.empty()) claims.emplace_back("sub", who.user_id);
  for (const std::string& role : who.roles) claims.emplace_back("role", role);
  return std::make_shared<const principal>(std::move(claims));
}

void refuse_inside_hubs() {
  if (shard::current() == nullptr) return;
  throw std::logic_error("hubbub: the testing kit is for the test, not for code of a hub");
}

}  // namespace

void kept_log::write(log_level level, std::string_view category, std::string_view text) noexcept {
  {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::string(name_of(level)) + " " + std::string(category) + ": " + std::string(text));
  }
  if (next_ != nullptr && next_->writes(level)) next_->write(level, category, text);
}

std::vector<std::string> kept_log::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

node::node(host_options how)
    : options(std::move(how)), log(std::make_shared<kept_log>(options.log, options.log_threshold)) {
  if (options.shards < 1 || options.shards > 1000) {
    throw std::invalid_argument("hubbub: option shards is " + std::to_string(options.shards) +
                                ", it must be 1 to 1000");
  }
  std::vector<shard*> shards;
  for (unsigned i = 0; i < options.shards; ++i) {
    places.push_back(std::make_unique<place>(
        *this, shard_settings{.index = i, .time = &time, .log = log, .pool = &pool, .slow_call = milliseconds(0)}));
    shards.push_back(&places.back()->home);
  }
  hubs.set_shards(std::move(shards));
}

endpoint& node::map(std::string path, std::type_index type, std::shared_ptr<hub_endpoint> handler) {
  if (started) throw std::logic_error("hubbub: a hub is mapped before the first client comes");
  const auto same = [&](const mapped& one) { return !path.empty() && one.path == path; };
  if (std::any_of(mappings.begin(), mappings.end(), same)) {
    throw std::invalid_argument("hubbub: two hubs are mapped to " + path);
  }
  auto settings = std::make_unique<endpoint>(*handler);
  endpoint& made = *settings;
  mappings.push_back({std::move(path), type, std::move(handler), std::move(settings)});
  return made;
}

void node::start() {
  if (std::exchange(started, true)) return;
  for (const mapped& one : mappings) one.handler->start();
}

const mapped& node::find(const std::type_index* type, std::string_view path) const {
  const mapped* found = nullptr;
  for (const mapped& one : mappings) {
    if (type != nullptr && one.type != *type) continue;
    if (!path.empty() && !one.path.empty() && one.path != path) continue;
    if (found != nullptr) {
      throw std::invalid_argument("hubbub: several hubs are mapped; say which with connect<Hub> or a path");
    }
    found = &one;
  }
  if (found == nullptr) {
    throw std::invalid_argument("hubbub: no such hub is mapped" + (path.empty() ? "" : " at " + std::string(path)));
  }
  return *found;
}

raw_client& node::arrive(const std::type_index* type, const client_options& who) {
  refuse_inside_hubs();
  const mapped& hub = find(type, std::string_view(who.path).substr(0, who.path.find('?')));
  start();
  auto by = std::make_unique<request>();
  const std::string target = !who.path.empty() ? who.path : !hub.path.empty() ? hub.path : "/";
  if (!by->set_line("GET", target, 11)) throw std::invalid_argument("hubbub: path " + target + " cannot be decoded");
  for (const auto& [name, value] : who.headers) by->add_header(name, value);
  by->set_peer(who.remote_address, 4711, false);
  auto user = user_of(who);
  if (const int status = hub.settings->refusal(user.get(), *by); status != 0) {
    throw connection_error("the endpoint refuses this client with status " + std::to_string(status), status);
  }
  place& at = *places[who.shard.value_or(next_place_++) % places.size()];
  raw_client* made = nullptr;
  run_on(at.home, [&] {
    connection_ref fresh(new connection(at.home, hub.handler->limits()));
    fresh->set_request(std::move(by));
    fresh->set_user(std::move(user));
    fresh->set_inherent_keep_alive(who.long_polling);
    fresh->set_carries_binary(!who.text_only);
    fresh->set_stateful(who.stateful_reconnect && hub.handler->allows_stateful_reconnects() && !who.long_polling &&
                        !who.text_only);
    lines.push_back(std::make_unique<raw_client>(*this, at.office, fresh));
    made = lines.back().get();
    hub.handler->open(*fresh);
  });
  settle();
  return *made;
}

std::shared_ptr<client_core> node::connect(const std::type_index* type, const client_options& who) {
  raw_client& line = arrive(type, who);
  const protocol_kind kind = who.protocol.value_or(options.protocol);
  const hub_protocol& protocol = kind == protocol_kind::json ? json_hub_protocol() : messagepack_hub_protocol();
  std::string name = !who.name.empty() ? who.name : who.user_id;
  if (name.empty()) name = "client " + std::to_string(clients.size() + 1);
  clients.push_back(std::make_shared<client_core>(*this, line, protocol, std::move(name), who.pings_every));
  const std::shared_ptr<client_core> made = clients.back();
  made->shake_hands();
  return made;
}

void node::run_on(shard& home, const std::function<void()>& work) {
  refuse_inside_hubs();
  bool ran = false;
  carries_at_most = std::max(carries_at_most, carried + most_bytes);
  std::exception_ptr error;
  home.post([&] {
    try {
      work();
    } catch (...) {
      error = std::current_exception();
    }
    ran = true;
  });
  while (!ran) home.poll();
  if (error != nullptr) std::rethrow_exception(error);
}

void node::deliver(raw_client& from, bytes_view sent) {
  run_on(from.home_, [&] { from.deliver(sent); });
}

void node::settle() {
  refuse_inside_hubs();
  // First everything on the shards, then the clients, and blocking work only when there is nothing else to do: the same
  // order each time.
  carries_at_most = carried + most_bytes;
  for (const auto& one : places) {
    if (!one->office.dirty.empty()) one->home.want_turn();  // who had too much the last time
  }
  for (int round = 0; round < most_rounds && !overrun(); ++round) {
    bool any = false;
    for (const auto& one : places) {
      if (one->home.poll()) any = true;
    }
    if (!any) any = hand_out();
    if (!any) any = pool.run_one();
    if (!any) return;
  }
  throw test_failure(
      "the hubs do not come to rest: something goes on and on without waiting for time to pass; these run: " +
      still_running());
}

bool node::hand_out() {
  bool any = false;
  for (std::size_t i = 0; i < clients.size(); ++i) {  // handlers may connect further ones
    const std::shared_ptr<client_core> one = clients[i];
    if (one->hand_out()) any = true;
  }
  return any;
}

void node::advance(milliseconds time_to_pass) {
  start();
  settle();
  const time_point end = time.now() + time_to_pass;
  while (time.now() < end) {
    const time_point now = time.now();
    time_point next = std::min(end, now + sweep_interval);
    for (const auto& one : places) {
      if (const auto due = one->home.timers().next()) next = std::min(next, *due);
    }
    for (const auto& one : clients) {
      if (const auto due = one->next_due()) next = std::min(next, *due);
    }
    time.advance(std::max(milliseconds(1), std::chrono::ceil<milliseconds>(next - now)));
    settle();
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const std::shared_ptr<client_core> one = clients[i];
      one->act_if_due(time.now());
    }
    for (const auto& one : lines) one->give_up_after(options.disconnect_timeout);
  }
}

std::size_t node::busy() {
  std::size_t count = 0;
  if (!started) return count;
  for (const mapped& hub : mappings) {
    for (const auto& one : places) count += hub.handler->busy(one->home);
  }
  return count;
}

std::string node::still_running() {
  std::string names;
  if (!started) return names;
  for (const mapped& hub : mappings) {
    for (const auto& one : places) names += hub.handler->still_running(one->home);
  }
  return names.empty() ? names : names.substr(0, names.find_last_not_of("; ") + 1);
}

void node::stop() {
  if (!started) return;
  const auto everywhere = [this](auto&& act) {
    for (const mapped& hub : mappings) {
      for (const auto& one : places) run_on(one->home, [&] { act(*hub.handler, one->home); });
    }
    settle();
  };
  everywhere([](hub_endpoint& hub, shard& home) { hub.say_goodbye(home); });
  everywhere([](hub_endpoint& hub, shard& home) {
    hub.cancel_running(home);
    home.cancel_spawned();
  });
  if (busy() != 0) throw test_failure("these do not end although the host stops: " + still_running());
}

bool node::end() {
  for (const auto& one : clients) one->host_is_gone();
  for (const auto& one : lines) run_on(one->home_, [&] { one->note_end(wire_end::left, {}); });
  for (const auto& one : places) run_on(one->home, [&] { one->home.cancel_spawned(); });
  settle();
  return busy() == 0;
}

}  // namespace hubbub::inline v0::testing::detail
