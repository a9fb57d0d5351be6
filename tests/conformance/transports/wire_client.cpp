// The socket side of tests.
#include "wire_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <tuple>
#include <utility>

namespace hubbub_test {
namespace {

constexpr int patience_ms = 30'000;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void connect_to(int fd, const void* address, std::size_t size) {
  if (::connect(fd, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) != 0) fail("connect");
}

bool same_name(std::string_view left, std::string_view right) {
  return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
         });
}

}  // namespace

std::optional<std::string> wire_answer::header(std::string_view name) const {
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos) {
    const std::size_t begin = at + 2;
    const std::size_t end = head.find("\r\n", begin);
    const std::string_view line = std::string_view(head).substr(begin, end == std::string::npos ? end : end - begin);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), name)) {
      return std::string(line.substr(std::min(colon + 2, line.size())));
    }
    at = end;
  }
  return std::nullopt;
}

int wire_frame::close_code() const {
  if (payload.size() < 2) return 0;
  return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

wire_client::wire_client(std::uint16_t port, const std::string& address, int receive_room) {
  const bool v6 = address.find(':') != std::string::npos;
  fd_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) fail("socket");
  if (receive_room != 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_room, sizeof receive_room);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (v6) {
    sockaddr_in6 where{};
    where.sin6_family = AF_INET6;
    where.sin6_port = htons(port);
    ::inet_pton(AF_INET6, address.c_str(), &where.sin6_addr);
    connect_to(fd_, &where, sizeof where);
  } else {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &where.sin_addr);
    connect_to(fd_, &where, sizeof where);
  }
}

wire_client::wire_client(const std::string& unix_path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (fd_ < 0) fail("socket");
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  unix_path.copy(where.sun_path, sizeof where.sun_path - 1);
  connect_to(fd_, &where, sizeof where);
}

wire_client::wire_client(wire_client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), tls_(std::move(other.tls_)), received_(std::move(other.received_)) {}

wire_client::~wire_client() {
  if (fd_ >= 0) ::close(fd_);
}

void wire_client::secure(const tls_manners& how) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_load_verify_locations(context.get(), how.ca_file.c_str(), nullptr);
  SSL_CTX_set_security_level(context.get(), 0);  // old versions are offered on purpose
  if (how.lowest != 0) SSL_CTX_set_min_proto_version(context.get(), how.lowest);
  if (how.highest != 0) SSL_CTX_set_max_proto_version(context.get(), how.highest);
  if (!how.certificate_file.empty()) {
    SSL_CTX_use_certificate_chain_file(context.get(), how.certificate_file.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), how.key_file.c_str(), SSL_FILETYPE_PEM);
  }
  tls_.reset(SSL_new(context.get()), &SSL_free);
  if (!how.alpn.empty()) {
    SSL_set_alpn_protos(tls_.get(), reinterpret_cast<const unsigned char*>(how.alpn.data()),
                        static_cast<unsigned>(how.alpn.size()));
  }
  SSL_set_tlsext_host_name(tls_.get(), how.host.c_str());
  SSL_set1_host(tls_.get(), how.host.c_str());
  if (how.resume != nullptr) SSL_set_session(tls_.get(), how.resume);
  SSL_set_fd(tls_.get(), fd_);
  if (SSL_connect(tls_.get()) != 1) {
    char text[256] = "the connection ended";
    if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    throw std::runtime_error(std::string("no TLS: ") + text);
  }
}

void wire_client::send(std::string_view bytes) {
  if (tls_ != nullptr) {
    std::size_t sent = 0;
    if (!bytes.empty() && SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent) != 1) fail("send");
    return;
  }
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool wire_client::try_send(std::string_view bytes) {
  return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

bool wire_client::fill() {
  if (tls_ != nullptr && SSL_pending(tls_.get()) != 0) return fill_decrypted();
  pollfd wait{fd_, POLLIN, 0};
  if (::poll(&wait, 1, patience_ms) <= 0) throw std::runtime_error("nothing came and the connection did not end");
  if (tls_ != nullptr) return fill_decrypted();
  char room[64 * 1024];
  const ssize_t size = ::recv(fd_, room, sizeof room, 0);
  if (size <= 0) return false;
  received_.append(room, static_cast<std::size_t>(size));
  return true;
}

bool wire_client::fill_decrypted() {
  char room[16 * 1024];
  std::size_t size = 0;
  const int outcome = SSL_read_ex(tls_.get(), room, sizeof room, &size);
  ERR_clear_error();
  received_.append(room, size);
  return outcome == 1;
}

void wire_client::await_bytes() const {
  pollfd wanted{fd_, POLLIN, 0};
  if (::poll(&wanted, 1, 60'000) != 1) throw std::runtime_error("nothing comes");
}

bool wire_client::fill_to(std::size_t size) {
  while (received_.size() < size) {
    if (!fill()) return false;
  }
  return true;
}

std::string wire_client::take(std::size_t size) {
  std::string taken = received_.substr(0, size);
  received_.erase(0, size);
  return taken;
}

bool wire_client::ends() {
  while (fill()) {
  }
  return true;
}

std::string wire_client::read_to_end() {
  while (fill()) {
  }
  return take(received_.size());
}

void wire_client::close(bool hard) {
  if (hard) {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  ::close(fd_);
  fd_ = -1;
}

void wire_client::end_sending() { ::shutdown(fd_, SHUT_WR); }

wire_answer wire_client::answer(bool head_only) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  wire_answer got;
  got.head = take(end + 4);
  got.status = std::stoi(got.head.substr(9, 3));
  const auto length = got.header("Content-Length");
  if (!length || head_only) return got;
  const std::size_t size = std::stoul(*length);
  std::ignore = fill_to(size);
  got.body = take(size);
  return got;
}

std::string wire_client::chunk() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  const std::size_t size = std::stoul(take(end + 2), nullptr, 16);
  if (!fill_to(size + 2)) return {};
  return take(size + 2).substr(0, size);
}

wire_answer wire_client::ask(std::string_view method, std::string_view target, std::string_view more_headers) {
  std::string head(method);
  head += " ";
  head += target;
  head += " HTTP/1.1\r\nHost: test\r\n";
  if (method == "POST") head += "Content-Length: 0\r\n";
  head += more_headers;
  send(head + "\r\n");
  return answer(method == "HEAD");
}

wire_answer wire_client::upgrade(std::string_view target, std::string_view more_headers) {
  send(upgrade_request(target, more_headers));
  return answer();
}

void wire_client::send_frame(int opcode, std::string_view payload, bool fin) {
  send(masked_frame(opcode, payload, fin));
}

wire_frame wire_client::frame() {
  if (!fill_to(2)) return {};
  wire_frame got;
  got.fin = (received_[0] & 0x80) != 0;
  got.opcode = received_[0] & 0x0f;
  std::size_t size = static_cast<unsigned char>(received_[1]) & 0x7f;
  std::size_t header = 2;
  const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (more != 0) {
    if (!fill_to(2 + more)) return {};
    size = 0;
    for (std::size_t i = 0; i < more; ++i) size = size << 8 | static_cast<unsigned char>(received_[2 + i]);
    header += more;
  }
  if (!fill_to(header + size)) return {};
  got.payload = take(header + size).substr(header);
  return got;
}

std::string wire_client::data(std::size_t size) {
  std::string all;
  while (all.size() < size) {
    const wire_frame next = frame();
    if (next.opcode < 0 || next.opcode > 2) break;
    all += next.payload;
  }
  return all;
}

std::string masked_frame(int opcode, std::string_view payload, bool fin) {
  std::string out;
  out.push_back(static_cast<char>((fin ? 0x80 : 0) | opcode));
  const std::size_t size = payload.size();
  const std::size_t more = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  out.push_back(static_cast<char>(0x80 | (more == 0 ? size : more == 2 ? 126 : 127)));
  for (std::size_t i = 0; i < more; ++i) out.push_back(static_cast<char>(size >> (8 * (more - 1 - i)) & 0xff));
  const char mask[4] = {0x12, 0x34, 0x56, 0x78};
  out.append(mask, 4);
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}

std::string upgrade_request(std::string_view target, std::string_view more_headers) {
  std::string head = "GET ";
  head += target;
  head += " HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  head += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  head += more_headers;
  return head + "\r\n";
}

}  // namespace hubbub_test
