// Start, stop and the way of a new connection to its shard.
#include "server_core.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include "endpoint/serve_request.hpp"
#include "hubbub/core/random.hpp"
#include "hubbub/core/shard_loop.hpp"

#include <boost/asio/signal_set.hpp>

namespace hubbub::inline v0 {
namespace {

constexpr unsigned most_shards = 256;  // what a set of shards in hub/ can hold

unsigned usable_cores() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0)
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&allowed)));
  return std::max(1u, std::thread::hardware_concurrency());
}

// As many descriptors as the system lets this process have.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

void check_positive(std::string_view name, std::chrono::milliseconds value) {
  if (value > std::chrono::milliseconds(0) && value <= std::chrono::hours(24)) return;
  throw std::invalid_argument("server option " + std::string(name) + " is " + std::to_string(value.count()) +
                              " ms; it must be more than 0 and at most 24 hours");
}

void check_range(std::string_view name, std::size_t value, std::size_t least, std::size_t most) {
  if (value >= least && value <= most) return;
  throw std::invalid_argument("server option " + std::string(name) + " is " + std::to_string(value) +
                              "; it must be between " + std::to_string(least) + " and " + std::to_string(most));
}

constexpr std::string_view too_many = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n";

}  // namespace

origin_policy origin_policy_of(const std::vector<std::string>& origins) {
  if (std::find(origins.begin(), origins.end(), "*") != origins.end()) return origin_policy::any();
  return origin_policy(origins);
}

server_core::server_core(server_options options) : log_(stderr_logger()), site_(counts_) {
  site_.options = std::move(options);
}

server_core::~server_core() {
  stop();
  wait();
}

void server_core::expect_not_started(std::string_view what) const {
  if (started_.load()) throw std::logic_error(std::string(what) + " must be called before the server is started");
}

// ----------------------------------------------------------------------------------------------------------- setting
// up

void server_core::use_logger(std::shared_ptr<logger> log) { log_ = std::move(log); }

hub_mapping& server_core::map_handler(std::string_view path, std::shared_ptr<connection_handler> handler) {
  auto fresh = std::make_unique<hub_mapping>();
  fresh->path = route_key(path);
  fresh->handler = std::move(handler);
  fresh->tag = hub_tag(fresh->path);
  site_.routes.add(route_kind::exact, path, hub_route{fresh.get(), false});
  site_.routes.add(route_kind::exact, (fresh->path == "/" ? "" : fresh->path) + "/negotiate",
                   hub_route{fresh.get(), true});
  site_.hubs.push_back(std::move(fresh));
  return *site_.hubs.back();
}

endpoint_builder& server_core::map_hub(std::string_view path, std::shared_ptr<hub_endpoint> hub) {
  hub_mapping& mapping = map_handler(path, hub);
  hubs_.push_back(hub);
  builders_.push_back(std::make_unique<endpoint_builder>(*hub, mapping));
  return *builders_.back();
}

void server_core::map_raw(std::string_view path, websocket_handler handler, websocket_limits limits) {
  if (limits.max_message_size > UINT32_MAX)
    throw std::invalid_argument("max_message_size of '" + std::string(path) + "' is above 4 GiB");
  auto fresh = std::make_unique<raw_mapping>();
  fresh->path = route_key(path);
  fresh->handler = std::move(handler);
  fresh->limits = limits;
  fresh->outbox.outbox = limits.outbox_limit;
  site_.routes.add(route_kind::exact, path, raw_route{fresh.get()});
  site_.raws.push_back(std::move(fresh));
}

void server_core::set_origins(const std::vector<std::string>& origins) {
  const origin_policy policy = origin_policy_of(origins);
  site_.origins = {policy, policy};
}

// -------------------------------------------------------------------------------------------------------------
// starting

void server_core::check_options() const {
  const server_options& options = site_.options;
  check_range("threads", options.threads, 0, most_shards);
  check_range("max_request_head", options.max_request_head, 256, 16 * 1024 * 1024);
  check_range("mailbox_limit", options.mailbox_limit, 64 * 1024, std::size_t{1} << 40);
  check_range("blocking_threads", options.blocking_threads, 1, 1024);
  check_positive("request_timeout", options.request_timeout);
  check_positive("keep_alive_timeout", options.keep_alive_timeout);
  check_positive("disconnect_timeout", options.disconnect_timeout);
  check_positive("send_timeout", options.send_timeout);
  check_positive("close_timeout", options.close_timeout);
  check_range("max_request_body", options.max_request_body, 0, std::size_t{1} << 31);
  if (options.retry_after != std::chrono::milliseconds(0)) check_positive("retry_after", options.retry_after);
  check_range("blocking_queue", options.blocking_queue, 1, 100'000'000);
  if (options.slow_call_warning < std::chrono::milliseconds(0)) {
    throw std::invalid_argument("server option slow_call_warning is " +
                                std::to_string(options.slow_call_warning.count()) + " ms; it must not be negative");
  }
  if (options.drain_timeout < std::chrono::milliseconds(0)) {
    throw std::invalid_argument("server option drain_timeout is " + std::to_string(options.drain_timeout.count()) +
                                " ms; it must not be negative");
  }
}

void server_core::start() {
  prepare();
  launch(0);
}

// Everything that can fail.
void server_core::prepare() {
  expect_not_started("start");
  check_options();
  open_listeners();
  site_.limits.max_head = site_.options.max_request_head;
  site_.limits.max_body = site_.options.max_request_body;
  site_.node = random_u64();
  site_.proxies = trusted_proxies(site_.options.trusted_proxies, site_.options.forwarded_header);
  if (!site_.options.token_keys.empty()) {
    std::vector<token_key> keys;
    for (const connection_token_key& one : site_.options.token_keys) keys.push_back({one.id, one.secret});
    site_.signer = token_signer(std::move(keys));
  }
  make_shards();
  start_hubs();
}

// Shards below `first` get no thread: the caller runs them.
void server_core::launch(std::size_t first) {
  const std::size_t descriptors = raise_descriptor_limit();
  started_.store(true);
  for (listening& one : opened_) {
    auto accept = [this, secure = one.secure](unique_fd connected, const peer_address& peer) {
      deal(std::move(connected), peer, secure.get());
    };
    listeners_.push_back(
        std::make_unique<listener>(shards_.front().server->sockets(), std::move(one), std::move(accept)));
    listeners_.back()->start();
  }
  opened_.clear();
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    part& one = shards_[i];
    one.server->sockets().start();
    if (i < first) continue;
    one.thread = std::thread([&home = *one.home] { home.run(); });
    const std::string name = "hubbub-" + std::to_string(i);
    ::pthread_setname_np(one.thread.native_handle(), name.c_str());
  }
  if (log_ == nullptr) return;
  for (const auto& one : listeners_) log_->write(log_level::information, "server", "listening on " + one->where().url);
  log_->write(log_level::information, "server",
              std::to_string(shards_.size()) + (shards_.size() == 1 ? " shard, " : " shards, ") +
                  std::to_string(descriptors) + " descriptors");
}

void server_core::open_listeners() {
  std::vector<listen_options> all;
  if (!site_.options.address.empty()) all.push_back({site_.options.address, site_.options.port, {}});
  all.insert(all.end(), wanted_.begin(), wanted_.end());
  if (all.empty()) throw std::invalid_argument("there is nothing to listen at: server option address is empty");
  opened_.clear();
  for (const listen_options& where : all) opened_.push_back(open_listener(where));
  identities_.clear();
  for (const listening& one : opened_) {
    if (one.secure != nullptr) identities_.push_back(one.secure);
    if (port_ == 0) port_ = one.port;
  }
}

void server_core::make_shards() {
  shards_.clear();
  site_.shards.clear();
  const server_options& options = site_.options;
  pool_ = std::make_unique<blocking_pool>(options.blocking_threads, options.blocking_queue);
  const unsigned count = options.threads != 0 ? options.threads : std::min(usable_cores(), most_shards);
  std::vector<shard*> homes;
  for (unsigned i = 0; i < count; ++i) {
    shard_settings settings;
    settings.index = i;
    settings.log = log_;
    settings.pool = pool_.get();
    settings.slow_call = options.slow_call_warning;
    settings.mailbox_limit = options.mailbox_limit;
    part fresh;
    fresh.home = std::make_unique<shard>(std::move(settings));
    fresh.server = std::make_unique<shard_server>(site_, *fresh.home);
    homes.push_back(fresh.home.get());
    site_.shards.push_back(fresh.server.get());
    shards_.push_back(std::move(fresh));
  }
  host_.set_shards(std::move(homes));
}

void server_core::start_hubs() {
  for (const auto& hub : hubs_) hub->start();
  for (std::size_t i = 0, hub = 0; i < site_.hubs.size() && hub < hubs_.size(); ++i) {
    if (site_.hubs[i]->handler != hubs_[hub]) continue;
    site_.hubs[i]->tag = hub_tag(hubs_[hub++]->settings().name);
  }
  for (const auto& one : site_.hubs) {
    one->origins = one->own_origins ? origin_rules{*one->own_origins, *one->own_origins} : site_.origins;
    if (one->own_websocket_origins) one->origins.web_sockets = *one->own_websocket_origins;
  }
  for (const auto& one : site_.raws) one->origins = site_.origins;
}

// --------------------------------------------------------------------------------------------------------- connections

// Round robin, on shard 0.
void server_core::deal(unique_fd connected, const peer_address& peer, const tls_identity* secure) {
  const server_options& options = site_.options;
  const auto refuse = [&](limit_kind limit) {
    turn_away(*shards_.front().server, limit);
    std::string answer(too_many);
    if (const std::string wait = retry_after_text(options); !wait.empty()) answer += "Retry-After: " + wait + "\r\n";
    answer += "\r\n";
    if (secure != nullptr) return;  // it would have to shake hands first
    std::ignore = ::send(connected.get(), answer.data(), answer.size(), MSG_NOSIGNAL);  // a courtesy
  };
  std::uint32_t place = address_counts::nowhere;
  if (options.max_connections_per_address != 0 && peer.family != 0 && !site_.proxies.trusts(peer)) {
    const auto entered = site_.sockets.by_address.enter(peer, options.max_connections_per_address);
    if (!entered) return refuse(limit_kind::max_connections_per_address);
    place = *entered;
  }
  const std::size_t before = site_.sockets.open.fetch_add(1, std::memory_order_relaxed);
  arrival fresh(std::move(connected), peer, site_.sockets, place);
  if (options.max_connections != 0 && before >= options.max_connections) {
    connected = unique_fd(fresh.release());
    site_.sockets.left(place);
    return refuse(limit_kind::max_connections);
  }
  if (secure != nullptr) fresh.secure = secure->now();
  const std::size_t chosen = next_shard_++ % shards_.size();
  shards_[chosen].server->welcome(std::move(fresh));
}

// -------------------------------------------------------------------------------------------------------------
// stopping

void server_core::stop() {
  if (!started_.load() || site_.stopping.exchange(true)) return;
  shards_.front().home->post([this] { begin_stop(); });
}

// On shard 0. Every shard stops by itself and reports here; then all event loops end.
void server_core::begin_stop() {
  if (log_ != nullptr) log_->write(log_level::information, "server", "stopping");
  for (const auto& one : listeners_) one->stop();
  parts_left_ = shards_.size();
  for (part& one : shards_) {
    one.home->post([this, server = one.server.get()] {
      server->stop([this] { shards_.front().home->post([this] { part_stopped(); }); });
    });
  }
}

void server_core::part_stopped() {
  if (--parts_left_ != 0) return;
  for (part& one : shards_) one.home->stop();
}

void server_core::wait() {
  std::lock_guard lock(joining_);
  if (started_.load()) join();
}

void server_core::join() {
  for (part& one : shards_) {
    if (one.thread.joinable()) one.thread.join();
  }
  if (pool_ != nullptr) pool_->stop();
  listeners_.clear();
}

void server_core::run() {
  prepare();
  // Only here: embedded servers leave signals to their program. They are watched before the log says that the server
  // listens. A second signal ends the process as usual.
  boost::asio::signal_set reloads(shards_.front().home->loop().context);
  boost::asio::signal_set signals(shards_.front().home->loop().context, SIGTERM, SIGINT);
  signals.async_wait([this, &signals, &reloads](const boost::system::error_code& error, int) {
    if (error) return;
    boost::system::error_code ignored;
    signals.clear(ignored);
    reloads.cancel(ignored);
    stop();
  });
  std::function<void()> await_reload = [&] {
    reloads.async_wait([&](const boost::system::error_code& error, int) {
      if (error) return;
      try {
        reload_tls();
      } catch (const std::exception& failure) {
        if (log_ != nullptr)
          log_->write(log_level::error, "server", std::string("the old certificates stay: ") + failure.what());
      }
      await_reload();
    });
  };
  if (!identities_.empty()) {
    reloads.add(SIGHUP);
    await_reload();
  }
  // Shard 0 runs on this thread, which has nothing else to do. With one shard the process then has one thread, and the
  // system need not guard its descriptors against others: 2 % of a broadcast.
  std::lock_guard lock(joining_);
  launch(1);
  shards_.front().home->run();
  join();
}

void server_core::reload_tls() {
  std::vector<std::pair<tls_identity*, std::shared_ptr<const tls_contexts>>> fresh;
  for (const auto& one : identities_) fresh.emplace_back(one.get(), one->read());
  for (auto& [identity, contexts] : fresh) identity->use(std::move(contexts));
  if (log_ != nullptr) log_->write(log_level::information, "server", "certificates were read again");
}

server_metrics server_core::metrics() const {
  server_metrics sum;
  if (!started_.load()) return sum;
  for (const auto& hub : hubs_) hub->add_to(sum.hubs);
  for (const hub_metrics& hub : sum.hubs) {
    sum.slow_clients_ended += hub.ended_by(close_cause::outbox_full) + hub.ended_by(close_cause::send_timeout);
  }
  for (const part& one : shards_) one.server->add_to(sum);
  sum.shards = shards_.size();
  sum.sockets = site_.sockets.open.load(std::memory_order_relaxed);
  sum.pending_connections = site_.pending.total.load(std::memory_order_relaxed);
  if (log_ != nullptr) sum.log_lines_dropped = log_->dropped();
  return sum;
}

std::uint16_t server_core::port() const { return port_; }

shard& server_core::shard_at(std::size_t index) {
  if (!runs()) throw std::logic_error("the server does not run");
  return *shards_[index % shards_.size()].home;
}

}  // namespace hubbub::inline v0
