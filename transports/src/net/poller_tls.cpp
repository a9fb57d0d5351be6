// TLS between sockets and their sessions, which see plain text and know nothing of it.
#include <sys/epoll.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "net/poller.hpp"
#include "net/system_calls.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr std::size_t plain_size = 16 * 1024;        // the most that one record holds
constexpr std::size_t chunk_size = 64 * 1024;        // encrypted at a time: four records leave in one call
constexpr std::size_t most_unsent = 4 * chunk_size;  // encrypted bytes that may wait for one client; see decrypt_all
constexpr std::size_t most_kept = 256 * 1024;        // of the room that sending keeps
constexpr std::size_t most_records = 32;             // that leave together; see send_secure_soon
constexpr std::uint32_t most_streams = 0xff'ffff;    // what socket::stream_ can hold

constexpr std::string_view use_https =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 27\r\nConnection: close\r\n\r\n"
    "This port speaks HTTPS only";

}  // namespace

void poller::keep_stream(socket& one, std::unique_ptr<tls_stream> stream) {
  if (tls_ == nullptr) {
    auto room = std::make_unique<tls_room>();
    room->plain = std::make_unique<char[]>(plain_size);
    room->records.reserve(most_records);
    tls_ = std::move(room);
  }
  if (tls_->free.empty()) {
    if (tls_->streams.size() >= most_streams) throw std::bad_alloc();
    tls_->streams.emplace_back();
    tls_->free.reserve(tls_->streams.size());  // so that taking one out needs no memory
    tls_->free.push_back(static_cast<std::uint32_t>(tls_->streams.size() - 1));
  }
  const std::uint32_t place = tls_->free.back();
  tls_->free.pop_back();
  const bool has_input = stream->fed();
  tls_->streams[place] = std::move(stream);
  one.stream_ = place & most_streams;
  if (has_input) resume_secure(one);
}

std::unique_ptr<tls_stream> poller::take_stream(socket& one) noexcept {
  send_sealed();
  std::unique_ptr<tls_stream> taken = std::move(tls_->streams[one.stream_]);
  tls_->free.push_back(one.stream_);
  one.stream_ = 0;
  return taken;
}

// What the kernel does not take waits in the stream, encrypted. Its last byte of plain text is reported as sent only
// when all of it has gone: so the session still has something to send, and comes back for it.
std::size_t poller::send_secure(socket& one, bytes_view data) noexcept {
  send_sealed();
  tls_stream& stream = stream_of(one);
  if (data.empty() || !flush_unsent(one, stream)) return 0;
  std::size_t taken = std::exchange(stream.owes_byte, false) ? 1 : 0;
  while (taken < data.size()) {
    const bytes_view chunk = data.substr(taken, chunk_size);
    try {
      if (!stream.encrypt(chunk, tls_->encrypted)) {
        one.failed_ = true;
        return taken;
      }
    } catch (...) {  // no memory
      one.failed_ = true;
      return taken;
    }
    taken += chunk.size();
    if (write_out(one, stream)) continue;
    if (one.failed_) return taken;
    stream.owes_byte = true;
    return taken - 1;
  }
  return taken;
}

// Encryption and the system's sending both need most of the processor's nearest memory, and lose it to each other when
// they take turns for each client. So a flush of many encrypts for some, and then sends to them.
std::size_t poller::send_secure_soon(socket& one, bytes_view data) noexcept {
  tls_stream& stream = stream_of(one);
  if (!tls_->gathers || data.size() > plain_size || !stream.unsent.empty() || stream.owes_byte) {
    return send_secure(one, data);
  }
  const std::size_t before = tls_->sealed.size();
  bool good = false;
  try {
    good = stream.encrypt(data, tls_->sealed);
  } catch (...) {  // no memory
  }
  if (!good) {
    tls_->sealed.resize(before);
    one.failed_ = true;
    return 0;
  }
  tls_->records.push_back({&one, tls_->sealed.size()});
  if (tls_->records.size() == most_records || tls_->sealed.size() >= chunk_size) send_sealed();
  return data.size();
}

// Sessions were told that these have left: one whose client is gone hears of it in another flush.
void poller::send_sealed() noexcept {
  if (tls_->records.empty()) return;
  std::size_t begin = 0;
  for (const auto& [to, end] : tls_->records) {
    const bytes_view sealed = bytes_view(tls_->sealed).substr(begin, end - begin);
    begin = end;
    tls_stream& stream = stream_of(*to);
    keep_unsent(*to, stream, sealed.substr(stream.unsent.empty() ? to->send_raw(sealed) : 0));
    try {
      if (to->failed_) to->mark_dirty();
    } catch (...) {  // no memory; epoll tells the end, too
    }
  }
  tls_->records.clear();
  tls_->sealed.clear();
}

// Sends what was encrypted; false when something of it has to wait, or the socket has failed.
bool poller::write_out(socket& one, tls_stream& stream) noexcept {
  std::string& out = tls_->encrypted;
  const std::size_t sent = stream.unsent.empty() ? one.send_raw(out) : 0;
  keep_unsent(one, stream, bytes_view(out).substr(sent));
  out.clear();
  if (out.capacity() > most_kept) out = std::string();
  return stream.unsent.empty() && !one.failed_;
}

void poller::keep_unsent(socket& one, tls_stream& stream, bytes_view rest) noexcept {
  if (rest.empty() || one.failed_) return;
  try {
    stream.unsent.append(rest);
  } catch (...) {  // no memory
    one.failed_ = true;
  }
}

bool poller::flush_unsent(socket& one, tls_stream& stream) noexcept {
  if (stream.unsent.empty()) return true;
  const bytes_view rest = bytes_view(stream.unsent).substr(stream.unsent_at);
  stream.unsent_at += one.send_raw(rest);
  if (stream.unsent_at != stream.unsent.size()) return false;
  stream.unsent = std::string();
  stream.unsent_at = 0;
  return true;
}

void poller::on_readable_secure(socket& one, std::uint32_t events) {
  if (stream_of(one).fed() && !decrypt_all(one)) return;
  const bool ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  const ssize_t size = system_calls::receive(one.fd_, received_.get(), receive_size, 0);
  if (size > 0) {
    bytes_received_.add(static_cast<std::uint64_t>(size));
    if (ends || size == static_cast<ssize_t>(receive_size)) add_unread(one);
    stream_of(one).feed(received_.get(), static_cast<std::size_t>(size));
    decrypt_all(one);
  } else if (size == 0) {
    one.current().on_peer_gone(false);
  } else if (errno != EAGAIN && errno != EINTR) {
    one.current().on_peer_gone(true);
  }
}

// True when everything was decrypted and more is wanted. The session may close the socket, give it away or stop reading
// after any piece.
bool poller::decrypt_all(socket& one) {
  while (true) {
    tls_stream& stream = stream_of(one);
    if (!one.reading_) {
      stream.hold();
      return false;
    }
    std::size_t size = 0;
    const tls_result got = stream.decrypt(tls_->plain.get(), plain_size, size, tls_->encrypted);
    if (!tls_->encrypted.empty()) write_out(one, stream);
    // What we send waits in pieces of one chunk. More comes from a client that has TLS itself answered (refused
    // renegotiations, say) and does not read the answers.
    if (stream.unsent.size() > most_unsent) {
      one.current().on_peer_gone(true);
      return false;
    }
    switch (got) {
      case tls_result::data:
        one.current().on_received(tls_->plain.get(), size);
        if (one.closed()) return false;
        break;
      case tls_result::need_more: stream.hold(); return true;
      case tls_result::ended: one.current().on_peer_gone(false); return false;
      case tls_result::failed:
        if (stream.spoke_http()) one.send_raw(use_https);
        one.current().on_peer_gone(true);
        return false;
    }
  }
}

// What was held back while the session did not read is read in the next round.
void poller::resume_secure(socket& one) {
  if (!stream_of(one).fed()) return;
  add_unread(one);
  if (!home_.in_turn()) home_.want_turn();
}

// A client for whose goodbye alone there is no room is not full: it is to get what is on its way, see socket::close.
void poller::say_goodbye(socket& one) noexcept {
  send_sealed();
  const bool was_full = one.blocked_;
  tls_stream& stream = stream_of(one);
  tls_->encrypted.clear();
  stream.shut_down(tls_->encrypted);
  if (one.failed_) {
    tls_->encrypted.clear();  // else another socket would send it
  } else if (!tls_->encrypted.empty()) {
    write_out(one, stream);
    one.blocked_ = was_full;
  }
}

}  // namespace hubbub::inline v0
