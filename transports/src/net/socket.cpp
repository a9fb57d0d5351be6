// Sending, and telling the poller what a socket waits for.
#include "net/socket.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "net/poller.hpp"
#include "net/system_calls.hpp"

namespace hubbub::inline v0 {

std::size_t socket::send(bytes_view data) noexcept {
  return stream_ == 0 ? send_raw(data) : home_->send_secure(*this, data);
}

std::size_t socket::send_soon(bytes_view data) noexcept {
  return stream_ == 0 ? send_raw(data) : home_->send_secure_soon(*this, data);
}

std::size_t socket::send_raw(bytes_view data) noexcept {
  const ssize_t sent = system_calls::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
  if (sent > 0) home_->bytes_sent_.add(static_cast<std::uint64_t>(sent));
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
  if (wanted && stream_ != 0) home_->resume_secure(*this);
}

void socket::end_sending() noexcept {
  if (stream_ != 0) home_->say_goodbye(*this);
  ::shutdown(fd_, SHUT_WR);
}

void socket::close() noexcept {
  if (fd_ < 0) return;
  if (stream_ != 0) {
    home_->say_goodbye(*this);
    home_->take_stream(*this).reset();
  }
  // Who took nothing for so long takes no more: with an orderly end the system would keep what it has for that client,
  // megabytes, and ask after it for minutes.
  if (blocked_) {
    const ::linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ::close(fd_);  // leaves the epoll set by itself
  fd_ = -1;
  home_->count_closed(place_in_counts_);
  home_->bury(*this);
}

arrival socket::depart(const peer_address& peer) {
  auto stream = stream_ != 0 ? home_->take_stream(*this) : nullptr;
  if (stream != nullptr) stream->hold();
  if (watched_) home_->forget(fd_);
  arrival leaving(unique_fd(fd_), peer, home_->counts(), place_in_counts_);
  leaving.stream = std::move(stream);
  fd_ = -1;
  home_->bury(*this);
  return leaving;
}

std::shared_ptr<const client_certificate> socket::certificate() const {
  return stream_ != 0 ? home_->stream_of(*this).certificate() : nullptr;
}

void socket::start_clock() noexcept { since_ = home_->now(); }

}  // namespace hubbub::inline v0
