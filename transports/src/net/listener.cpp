// Accepting, and what to do when there are no descriptors left.
#include "net/listener.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <new>
#include <string>
#include <system_error>

namespace hubbub::inline v0 {
namespace {

constexpr int accepts_per_turn = 128;
constexpr auto pause_when_exhausted = std::chrono::milliseconds(100);
constexpr auto complaint_interval = std::chrono::minutes(1);

bool is_over_at_once(int error) {  // of that one connection, not of the listener
  return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM;
}

}  // namespace

listener::listener(poller& home, listening where, deal accepted)
    : home_(home), where_(std::move(where)), accepted_(std::move(accepted)) {}

listener::~listener() { stop(); }

void listener::start() {
  if (where_.descriptor) watched_ = home_.watch(*this, where_.descriptor.get());
}

void listener::stop() noexcept {
  if (queued()) home_.home().timers().remove(*this);
  if (!where_.descriptor) return;
  where_.descriptor.reset();
  watched_ = false;
  if (!where_.unix_path.empty()) ::unlink(where_.unix_path.c_str());
}

void listener::on_ready() {
  for (int i = 0; i < accepts_per_turn && where_.descriptor; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    unique_fd connected(
        ::accept4(where_.descriptor.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connected) {
      try {
        accepted_(std::move(connected), peer_address::from(peer));
      } catch (const std::bad_alloc&) {
        return rest(ENOMEM);
      }
      continue;
    }
    if (errno == EAGAIN) return;
    if (!is_over_at_once(errno)) return rest(errno);
  }
}

// Descriptors or memory ran out: the queue of the kernel keeps the callers, and asking again at once would only burn
// time.
void listener::rest(int error) {
  home_.forget(where_.descriptor.get());
  watched_ = false;
  const time_point now = home_.home().now();
  home_.home().timers().add(*this, now + pause_when_exhausted);
  if (complained_at_ != time_point::min() && now - complained_at_ < complaint_interval) return;
  complained_at_ = now;
  home_.home().log().write(log_level::error, "server",
                           "cannot accept connections at " + where_.url + ": " +
                               std::generic_category().message(error) + "; trying again ten times a second");
}

void listener::on_due() {
  start();
  if (!watched_ && where_.descriptor) home_.home().timers().add(*this, home_.home().now() + pause_when_exhausted);
}

}  // namespace hubbub::inline v0
