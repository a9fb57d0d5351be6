// recv and send without what glibc adds: there both are points of thread cancellation, which costs a program with
// threads two atomic operations a call (4 % of a broadcast). Nobody cancels our threads.
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

namespace hubbub::inline v0 {
namespace system_calls {

#ifdef SYS_sendto
/// As ::send.
inline ssize_t send(int fd, const void* data, std::size_t size, int flags) noexcept {
  return ::syscall(SYS_sendto, fd, data, size, flags, nullptr, 0);
}
/// As ::recv.
inline ssize_t receive(int fd, void* room, std::size_t size, int flags) noexcept {
  return ::syscall(SYS_recvfrom, fd, room, size, flags, nullptr, nullptr);
}
#else
/// As ::send.
inline ssize_t send(int fd, const void* data, std::size_t size, int flags) noexcept {
  return ::send(fd, data, size, flags);
}
/// As ::recv.
inline ssize_t receive(int fd, void* room, std::size_t size, int flags) noexcept {
  return ::recv(fd, room, size, flags);
}
#endif

}  // namespace system_calls
}  // namespace hubbub::inline v0
