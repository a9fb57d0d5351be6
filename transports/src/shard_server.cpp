// Sockets that arrive, requests in progress, and the stop of one shard.
#include "shard_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <utility>

#include "http/http_session.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr auto stop_check_interval = std::chrono::milliseconds(10);
constexpr auto complaint_delay = std::chrono::milliseconds(1'000);

}  // namespace

shard_server::shard_server(site& whole, shard& home)
    : site_(whole), home_(home), agenda_(home), table_(whole.pending), poller_(home, *this, whole.sockets) {
  home_.add(static_cast<sweeper&>(*this));
}

shard_server::~shard_server() {
  if (queued()) home_.timers().remove(*this);
  home_.remove(static_cast<sweeper&>(*this));
}

post_queue& shard_server::posts_of(std::uint32_t entry) {
  connection_table::entry& one = table_.at(entry);
  if (one.posts == nullptr) one.posts = std::make_unique<post_queue>(*this, *one.who);
  return *one.posts;
}

void shard_server::add_to(server_metrics& sum) const noexcept {
  counters_.add_to(sum);
  sum.network_bytes_received += poller_.bytes_received().read();
  sum.network_bytes_sent += poller_.bytes_sent().read();
  const mailbox_depth mail = home_.mailbox();
  sum.mailbox_jobs += mail.jobs;
  sum.mailbox_bytes += mail.bytes;
  sum.mailbox_lost += mail.lost;
}

std::string_view shard_server::date() noexcept { return date_.at(std::time(nullptr)); }

// --------------------------------------------------------------------------------------------------------------
// sockets

void shard_server::welcome(arrival connected) {
  if (home_.is_current()) return take_in(std::move(connected));
  home_.post([this, connected = std::move(connected)]() mutable { take_in(std::move(connected)); });
}

void shard_server::take_in(arrival connected) {
  const peer_address peer = connected.peer;
  counters_.accepted.add();
  socket& fresh = poller_.add(std::move(connected));
  fresh.become<http_session>(peer);
  if (stopping_) return fresh.current().on_stop(false);
  poller_.begin(fresh, true);
}

void shard_server::hand_to(shard_server& other, arrival connected, std::unique_ptr<http_exchange> begun) {
  other.home().post([&other, connected = std::move(connected), begun = std::move(begun)]() mutable {
    other.take_over(std::move(connected), std::move(begun));
  });
}

void shard_server::take_over(arrival connected, std::unique_ptr<http_exchange> begun) {
  const peer_address peer = connected.peer;
  socket& fresh = poller_.add(std::move(connected));
  auto& taken = fresh.become<http_session>(peer, std::move(begun));
  if (stopping_) taken.on_stop(false);  // the answer to this request is its last
  fresh.mark_dirty();                   // for answers that wait
  taken.go_on();
  poller_.begin(fresh, false);
}

void shard_server::sweep(unsigned part, unsigned parts, time_point) {
  const std::uint32_t now = poller_.now();
  counters_.begin_sweep();
  poller_.each(part, parts, [now](socket& one) { one.current().on_sweep(now); });
  table_.sweep(part, parts, now, static_cast<std::uint32_t>(options().disconnect_timeout.count()));
  counters_.end_sweep(part);
}

// ------------------------------------------------------------------------------------------------- requests in
// progress

std::unique_ptr<http_exchange> shard_server::take_exchange() {
  if (pool_.empty()) return std::make_unique<http_exchange>(site_.limits);
  std::unique_ptr<http_exchange> taken = std::move(pool_.back());
  pool_.pop_back();
  return taken;
}

void shard_server::give_back(std::unique_ptr<http_exchange> done) {
  done->reset();
  if (pool_.size() < pooled_exchanges) pool_.push_back(std::move(done));
}

void shard_server::keep_orphan(std::unique_ptr<http_exchange> left) { orphans_.push_back(std::move(left)); }

void shard_server::begin_waiting(http_exchange& exchange, std::string_view name) {
  exchange.waiting = true;
  exchange.cancel = cancellation(new cancellation_state);
  exchange.context = {&home_, exchange.cancel.state(), name};
  ++waiting_;
}

void shard_server::end_waiting(http_exchange& exchange) {
  --waiting_;
  exchange.waiting = false;
  const auto found = std::find_if(orphans_.begin(), orphans_.end(),
                                  [&](const std::unique_ptr<http_exchange>& one) { return one.get() == &exchange; });
  if (found != orphans_.end()) {
    // The coroutine that reports this still stands on the exchange.
    home_.defer([done = std::move(*found)] {});
    orphans_.erase(found);
    return;
  }
  if (std::exchange(exchange.left_alone, false)) exchange.session->go_on();
}

// -------------------------------------------------------------------------------------------------------------
// stopping

void shard_server::stop(job done) {
  stopped_ = std::move(done);
  stopping_ = true;
  cut_at_ = home_.now() + options().drain_timeout;
  for (const auto& hub : site_.hubs) hub->handler->say_goodbye(home_);
  stop_sockets(false);
  home_.timers().add(*this, home_.now() + stop_check_interval);
}

void shard_server::stop_sockets(bool force) {
  poller_.each(0, 1, [force](socket& one) { one.current().on_stop(force); });
}

std::size_t shard_server::busy() {
  std::size_t count = poller_.size() + waiting_ + home_.spawned();
  for (const auto& hub : site_.hubs) count += hub->handler->busy(home_);
  return count;
}

// Looks again and again: goodbyes leave, clients close, methods return. At the deadline waits are cancelled and sockets
// cut; what runs on without ever waiting cannot be stopped, only named.
void shard_server::on_due() {
  if (busy() == 0) {
    if (stopped_) std::exchange(stopped_, job())();
    return;
  }
  const time_point now = home_.time().now();
  if (!cut_ && now >= cut_at_) {
    cut_ = true;
    for (const auto& hub : site_.hubs) hub->handler->cancel_running(home_);
    home_.cancel_spawned();
    stop_sockets(true);
  } else if (cut_ && !complained_ && now >= cut_at_ + complaint_delay) {
    complained_ = true;
    name_the_running();
  }
  home_.timers().add(*this, now + stop_check_interval);
}

void shard_server::name_the_running() {
  std::string names;
  for (const auto& hub : site_.hubs) {
    const std::string running = hub->handler->still_running(home_);
    if (running.empty()) continue;
    if (!names.empty()) names += ", ";
    names += running;
  }
  if (home_.spawned() != 0) {
    names += (names.empty() ? "" : ", ") + std::to_string(home_.spawned()) + " spawned tasks";
  }
  if (waiting_ != 0) names += (names.empty() ? "" : ", ") + std::to_string(waiting_) + " HTTP handlers";
  home_.log().write(log_level::error, "server",
                    "still running after drain_timeout, the server cannot end before: " + names);
}

}  // namespace hubbub::inline v0
