// Sending, and telling the poller what a socket waits for.
#include "net/socket.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "net/poller.hpp"
#include "net/system_calls.hpp"

namespace hubbub::inline v0 {

std::size_t socket::send(bytes_view data) noexcept {
  const ssize_t sent = system_calls::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(data.size())) return data.size();
  if (sent < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
    failed_ = true;
    return 0;
  }
  blocked_ = true;
  if (!awaits_room_ || sent > 0) start_clock();
  if (!awaits_room_) {
    awaits_room_ = true;
    home_->rearm(*this);
  }
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

void socket::mark_dirty() {
  if (!dirty_ && fd_ >= 0) home_->add_dirty(*this);
}

void socket::read(bool wanted) noexcept {
  if (reading_ == wanted || fd_ < 0) return;
  reading_ = wanted;
  home_->rearm(*this);
}

void socket::end_sending() noexcept { ::shutdown(fd_, SHUT_WR); }

void socket::close() noexcept {
  if (fd_ < 0) return;
  ::close(fd_);  // leaves the epoll set by itself
  fd_ = -1;
  home_->count_closed(place_in_counts_);
  home_->bury(*this);
}

unique_fd socket::release() noexcept {
  if (watched_) home_->forget(fd_);
  unique_fd given(fd_);
  fd_ = -1;
  home_->bury(*this);
  return given;
}

void socket::start_clock() noexcept { since_ = home_->now(); }

}  // namespace hubbub::inline v0
