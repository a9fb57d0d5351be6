// Opens listening sockets; errors say which option is to blame.
#include "net/address.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace hubbub::inline v0 {
namespace {

constexpr int backlog = 4096;

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

unique_fd open_socket(int family, const std::string& where) {
  unique_fd made(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) fail(errno, "cannot listen at " + where);
  return made;
}

void bind_and_listen(int fd, const sockaddr* address, socklen_t size, const std::string& where,
                     const std::string& taken) {
  if (::bind(fd, address, size) != 0 || ::listen(fd, backlog) != 0) {
    const int error = errno;
    fail(error, error == EADDRINUSE ? taken : "cannot listen at " + where);
  }
}

listening listen_unix(const std::string& path) {
  const std::string where = "unix:" + path + " (listen option unix_path)";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    throw std::invalid_argument("listen option unix_path '" + path + "' is longer than " +
                                std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());

  listening made;
  made.descriptor = open_socket(AF_UNIX, where);
  const auto* raw = reinterpret_cast<const sockaddr*>(&address);
  // A socket file that nobody answers at was left by a process that died.
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) {
    const unique_fd probe = open_socket(AF_UNIX, where);
    if (::connect(probe.get(), raw, sizeof(address)) != 0 && errno == ECONNREFUSED) ::unlink(path.c_str());
  }
  bind_and_listen(made.descriptor.get(), raw, sizeof(address), where, where + " is taken");
  made.url = "unix:" + path;
  made.unix_path = path;
  return made;
}

std::string url_of(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

listening listen_tcp(const std::string& address, std::uint16_t port) {
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (auto* v4 = reinterpret_cast<sockaddr_in*>(&storage); ::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    size = sizeof(sockaddr_in);
  } else if (auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
             ::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    size = sizeof(sockaddr_in6);
  } else {
    throw std::invalid_argument("'" + address + "' is not an IPv4 or IPv6 address (server option address)");
  }
  const std::string where = url_of(address, port) + " (server options address, port)";

  listening made;
  made.descriptor = open_socket(storage.ss_family, where);
  const int fd = made.descriptor.get();
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Accepted sockets inherit it: set once here, it costs no call per connection.
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (storage.ss_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  bind_and_listen(fd, reinterpret_cast<const sockaddr*>(&storage), size, where,
                  "port " + std::to_string(port) + " is taken (server option port, address " + address + ")");

  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) fail(errno, "getsockname");
  made.port = ntohs(storage.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in*>(&storage)->sin_port
                                                 : reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  made.url = url_of(address, made.port);
  return made;
}

}  // namespace

peer_address peer_address::from(const sockaddr_storage& reported) noexcept {
  peer_address made;
  if (reported.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(reported);
    std::memcpy(made.bytes, &v4.sin_addr, 4);
    made.port = ntohs(v4.sin_port);
    made.family = AF_INET;
  } else if (reported.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(reported);
    made.port = ntohs(v6.sin6_port);
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    made.family = mapped ? AF_INET : AF_INET6;
    std::memcpy(made.bytes, v6.sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
  }
  return made;
}

std::string peer_address::text() const {
  if (family == AF_INET) {  // inet_ntop prints through the whole of stdio
    char digits[16];
    char* at = digits;
    for (int i = 0; i < 4; ++i) {
      if (i != 0) *at++ = '.';
      at = std::to_chars(at, at + 3, bytes[i]).ptr;
    }
    return {digits, at};
  }
  char room[INET6_ADDRSTRLEN] = {};
  if (family == 0 || ::inet_ntop(family, bytes, room, sizeof room) == nullptr) return {};
  return room;
}

listening open_listener(const listen_options& where) {
  // The files first: an address should not be taken for a moment by a server that cannot serve it.
  auto identity = where.tls ? std::make_shared<tls_identity>(*where.tls) : nullptr;
  listening made = where.unix_path.empty() ? listen_tcp(where.address, where.port) : listen_unix(where.unix_path);
  if (identity != nullptr && made.unix_path.empty()) made.url.replace(0, 4, "https");
  if (identity != nullptr && !made.unix_path.empty()) made.url += " (TLS)";
  made.secure = std::move(identity);
  return made;
}

}  // namespace hubbub::inline v0
