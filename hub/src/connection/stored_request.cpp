// Packing a request: each text as its length (one byte, or 255 and four more) and its bytes, one behind the other:
//   method (empty: GET) | target | remote address | port (2 bytes) | secure and version (1) | header name | value | ...
//   | no name
#include "hubbub/connection/stored_request.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

namespace hubbub::inline v0 {
namespace {

void put(std::string& out, std::string_view text) {
  if (text.size() < 255) {
    out += static_cast<char>(text.size());
  } else {
    const auto size = static_cast<std::uint32_t>(text.size());
    out += static_cast<char>(255);
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
  }
  out.append(text);
}

std::string_view take(const char*& at) {
  std::uint32_t size = static_cast<unsigned char>(*at++);
  if (size == 255) {
    std::memcpy(&size, at, sizeof size);
    at += sizeof size;
  }
  const std::string_view text(at, size);
  at += size;
  return text;
}

// Requests come and go with every connection: a few are kept, with room for an ordinary one.
constexpr std::size_t kept_requests = 32;
constexpr std::size_t kept_room = 4 * 1024;
thread_local bool thread_ends = false;  // trivial, so that it can be asked when the pool is no more
struct request_pool {
  request_pool() { kept.reserve(kept_requests); }  // giving back needs no memory
  ~request_pool() { thread_ends = true; }
  std::vector<std::unique_ptr<request>> kept;
};
thread_local request_pool pool;

void recycle(std::unique_ptr<request> done) noexcept {
  if (done == nullptr || thread_ends || pool.kept.size() >= kept_requests || done->room() > kept_room) return;
  done->clear();
  pool.kept.push_back(std::move(done));
}

}  // namespace

std::unique_ptr<request> recycled_request() {
  if (thread_ends || pool.kept.empty()) return std::make_unique<request>();
  std::unique_ptr<request> again = std::move(pool.kept.back());
  pool.kept.pop_back();
  return again;
}

stored_request::~stored_request() {
  if (packed()) {
    std::free(block());
  } else {
    recycle(std::unique_ptr<request>(reinterpret_cast<request*>(tagged_)));
  }
}

void stored_request::pack(const std::vector<std::string>& kept_headers) {
  if (tagged_ == 0 || packed()) return;
  const request& from = *whole();
  thread_local std::string bytes;
  bytes.clear();
  put(bytes, from.method() == "GET" ? std::string_view() : from.method());
  put(bytes, from.target());
  put(bytes, from.remote_address());
  const std::uint16_t port = from.remote_port();
  bytes.append(reinterpret_cast<const char*>(&port), sizeof port);
  bytes += static_cast<char>(from.version() * 2 + (from.secure() ? 1 : 0));
  for (const std::string& name : kept_headers) {
    if (name.empty() || from.header_count(name) == 0) continue;
    put(bytes, name);
    put(bytes, from.headers(name));
  }
  put(bytes, {});
  auto* block = static_cast<char*>(std::malloc(bytes.size()));
  if (block == nullptr) throw std::bad_alloc();
  std::memcpy(block, bytes.data(), bytes.size());
  recycle(std::unique_ptr<request>(reinterpret_cast<request*>(tagged_)));
  tagged_ = reinterpret_cast<std::uintptr_t>(block) | packed_bit;
}

request stored_request::copy() const {
  if (tagged_ == 0) return {};
  if (!packed()) return *whole();
  request made;
  const char* at = block();
  const std::string_view method = take(at);
  const std::string_view target = take(at);
  const std::string_view address = take(at);
  std::uint16_t port = 0;
  std::memcpy(&port, at, sizeof port);
  at += sizeof port;
  const bool secure = (*at & 1) != 0;
  const int version = *at++ / 2;
  made.set_line(method.empty() ? "GET" : method, target, version);
  made.set_peer(address, port, secure);
  for (std::string_view name = take(at); !name.empty(); name = take(at)) made.add_header(name, take(at));
  return made;
}

}  // namespace hubbub::inline v0
