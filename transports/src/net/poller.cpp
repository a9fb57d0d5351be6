// epoll, nested in the shard's event loop: rounds of receiving, working and sending.
#include "net/poller.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include "hubbub/core/shard_loop.hpp"
#include "net/system_calls.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

namespace hubbub::inline v0 {

// The set's own descriptor, seen by Asio: readable when one of ours is ready. Asio does not own it.
struct poller::asio_side {
  explicit asio_side(shard& home, int set) : descriptor(home.loop().context, set) {}
  ~asio_side() { descriptor.release(); }
  boost::asio::posix::stream_descriptor descriptor;
};

// Edges are reported once: an exception that escaped would take the reports of all other sockets with it.
template <class Call>
void poller::guarded(socket& one, Call&& call) {
  try {
    call();
  } catch (...) {
    end_after_exception(one);
  }
}

namespace {

constexpr std::uintptr_t watcher_bit = 1;  // of data.u64, tells watchers from sockets
constexpr std::size_t ahead = 4;           // sockets are fetched into the cache that many before their turn

void prefetch(const socket& soon) noexcept {
  const char* const at = reinterpret_cast<const char*>(&soon);
  __builtin_prefetch(at);
  __builtin_prefetch(at + 64);
}

}  // namespace

poller::poller(shard& home, shard_server& owner, socket_counts& counts)
    : home_(home),
      owner_(owner),
      counts_(counts),
      made_at_(home.time().now()),
      set_(::epoll_create1(EPOLL_CLOEXEC)),
      events_(std::make_unique<epoll_event[]>(events_per_round)),
      received_(std::make_unique<char[]>(receive_size)),
      workshop_(home.buffer()) {
  if (!set_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  asio_ = std::make_unique<asio_side>(home, set_.get());
  home_.add(static_cast<turn_listener&>(*this));
}

poller::~poller() { home_.remove(static_cast<turn_listener&>(*this)); }

void poller::start() { wait(); }

socket& poller::add(arrival&& connected) {
  socket& fresh = slab_.make(*this, connected.descriptor(), connected.place());
  std::ignore = connected.release();  // the socket closes it
  try {
    if (connected.stream != nullptr) {
      keep_stream(fresh, std::move(connected.stream));
    } else if (connected.secure != nullptr) {
      keep_stream(fresh, std::make_unique<tls_stream>(std::move(connected.secure)));
    }
  } catch (...) {  // no memory: nobody may meet a socket without a session
    fresh.close();
    throw;
  }
  fresh.start_clock();
  return fresh;
}

void poller::begin(socket& one, bool expects_bytes) {
  // Clients speak first: often their bytes are here by now, and reading them before the descriptor is in the set spares
  // the report that they have come.
  if (expects_bytes) guarded(one, [&] { on_readable(one, EPOLLIN); });
  if (one.closed() || one.watched_) return;
  if (!arm(one, EPOLL_CTL_ADD)) one.current().on_peer_gone(true);
}

bool poller::watch(watcher& wants, int fd) noexcept {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.u64 = reinterpret_cast<std::uintptr_t>(&wants) | watcher_bit;
  return ::epoll_ctl(set_.get(), EPOLL_CTL_ADD, fd, &wanted) == 0;
}

void poller::forget(int fd) noexcept {
  epoll_event unused{};
  ::epoll_ctl(set_.get(), EPOLL_CTL_DEL, fd, &unused);
}

void poller::rearm(socket& one) noexcept { arm(one, one.watched_ ? EPOLL_CTL_MOD : EPOLL_CTL_ADD); }

bool poller::arm(socket& one, int operation) noexcept {
  epoll_event wanted{};
  wanted.events = EPOLLRDHUP | EPOLLET;
  if (one.reading_) wanted.events |= EPOLLIN;
  if (one.awaits_room_) wanted.events |= EPOLLOUT;
  wanted.data.ptr = &one;
  if (::epoll_ctl(set_.get(), operation, one.fd_, &wanted) != 0) return false;
  one.watched_ = true;
  return true;
}

void poller::add_dirty(socket& one) {
  dirty_.push_back(&one);
  one.dirty_ = true;
  if (!home_.in_turn()) home_.want_turn();
}

void poller::bury(socket& closed) noexcept {
  buried_.push_back(&closed);
  if (!home_.in_turn()) home_.want_turn();
}

void poller::wait() {
  asio_->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                               [this](const boost::system::error_code& error) {
                                 if (!error) run_rounds();
                               });
}

// More is to be sent or read: the next round follows without anything having to arrive.
void poller::go_on() {
  if (going_on_) return;
  going_on_ = true;
  boost::asio::post(home_.loop().context, [this] {
    going_on_ = false;
    home_.turn([this] { dispatch(::epoll_wait(set_.get(), events_.get(), events_per_round, 0)); });
  });
}

// Several rounds in a row, because each way through Asio costs two system calls.
void poller::run_rounds() {
  in_rounds_ = true;
  for (int round = 0; round < rounds_in_a_row && !home_.stopped(); ++round) {
    const int count = ::epoll_wait(set_.get(), events_.get(), events_per_round, 0);
    if (count <= 0 && !has_more()) break;
    home_.turn([this, count] { dispatch(count); });
    home_.run_ready();
  }
  in_rounds_ = false;
  if (has_more()) go_on();
  wait();
}

void poller::dispatch(int count) {
  if (!unread_.empty()) read_on();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events_[static_cast<std::size_t>(i)];
    if ((event.data.u64 & watcher_bit) != 0) {
      reinterpret_cast<watcher*>(event.data.u64 & ~watcher_bit)->on_ready();  // throws nothing
      continue;
    }
    auto& one = *static_cast<socket*>(event.data.ptr);
    if (one.closed()) continue;
    guarded(one, [&] {
      if ((event.events & EPOLLOUT) != 0 && one.blocked_) on_writable(one);
      if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0 && !one.closed()) on_readable(one, event.events);
    });
  }
}

void poller::on_writable(socket& one) {
  one.blocked_ = false;
  if (one.stream_ != 0 && !flush_unsent(one, stream_of(one)) && !one.failed_) return;
  one.current().on_flush();
  if (one.blocked_ || one.closed()) return;
  one.awaits_room_ = false;
  rearm(one);
}

// Memory ran out, most likely: this connection is the one to pay.
void poller::end_after_exception(socket& one) noexcept {
  try {
    throw;
  } catch (const std::exception& error) {
    home_.log().write(log_level::error, "server", "a connection is ended: " + printable(error.what(), 1000));
  } catch (...) {
    home_.log().write(log_level::error, "server", "a connection is ended: exception of unknown type");
  }
  if (one.closed()) return;
  one.current().on_stop(true);
  one.close();
}

// Edges: what was reported once is not reported again, which spares the system a look at every socket after every read.
// A read that fills less than the buffer has emptied the socket, and whatever comes later is a new edge.
void poller::on_readable(socket& one, std::uint32_t events) {
  const bool ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (!one.reading_) {
    if (ends) one.current().on_peer_gone((events & (EPOLLHUP | EPOLLERR)) != 0);
    return;
  }
  if (one.stream_ != 0) return on_readable_secure(one, events);
  const ssize_t size = system_calls::receive(one.fd_, received_.get(), receive_size, 0);
  if (size > 0) {
    bytes_received_.add(static_cast<std::uint64_t>(size));
    // More may be there, or the end: looked at in the next round, when the others have had their turn.
    if (ends || size == static_cast<ssize_t>(receive_size)) add_unread(one);
    one.current().on_received(received_.get(), static_cast<std::size_t>(size));
  } else if (size == 0) {
    one.current().on_peer_gone(false);
  } else if (errno != EAGAIN && errno != EINTR) {
    one.current().on_peer_gone(true);
  }
}

void poller::add_unread(socket& one) {
  if (one.unread_) return;
  unread_.push_back(&one);
  one.unread_ = true;
}

// Goes on with those that were not read to their end. Those that stopped reading are reported anew when they start
// again.
void poller::read_on() {
  std::vector<socket*> before;
  before.swap(unread_);
  for (socket* one : before) {
    one->unread_ = false;
    if (one->closed() || !one->reading_) continue;
    guarded(*one, [&] { on_readable(*one, EPOLLIN | EPOLLRDHUP); });
  }
}

void poller::on_turn_end() {
  if (!dirty_.empty() || !backlog_.empty()) flush_slice();
  if (!buried_.empty()) empty_graveyard();
  if (!in_rounds_ && has_more()) go_on();
}

// A few answers go first: they must not queue behind a broadcast to thousands. Many keep their place in the row, so
// that broadcasts close behind one another reach a socket in one write.
void poller::flush_slice() {
  std::size_t flushed = 0;
  if (dirty_.size() <= few) flush(dirty_, flushed, slice);
  backlog_.insert(backlog_.end(), dirty_.begin() + static_cast<std::ptrdiff_t>(flushed), dirty_.end());
  dirty_.clear();
  if (!backlog_.empty()) {
    flush(backlog_, backlog_next_, slice);
    if (backlog_next_ >= backlog_.size() / 2) {  // under steady load it never becomes empty
      backlog_.erase(backlog_.begin(), backlog_.begin() + static_cast<std::ptrdiff_t>(backlog_next_));
      backlog_next_ = 0;
    }
  }
  workshop_.settle();
}

// Those that have more afterwards come back behind the others: a client that has sent many requests must not keep the
// turn from ending.
void poller::flush(std::vector<socket*>& queue, std::size_t& next, std::size_t most) {
  const std::size_t end = std::min(queue.size(), next + most);
  if (tls_ != nullptr) tls_->gathers = end - next > 1;
  while (next != end) {
    if (next + ahead < queue.size()) prefetch(*queue[next + ahead]);
    socket& one = *queue[next++];
    one.dirty_ = false;
    if (!one.closed()) guarded(one, [&] { one.current().on_flush(); });
  }
  if (tls_ != nullptr) {
    send_sealed();
    tls_->gathers = false;
  }
}

void poller::empty_graveyard() noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < buried_.size(); ++i) {
    if (buried_[i]->dirty_ || buried_[i]->unread_) {
      buried_[kept++] = buried_[i];  // still in a list
    } else {
      slab_.destroy(*buried_[i]);
    }
  }
  buried_.resize(kept);
}

}  // namespace hubbub::inline v0
