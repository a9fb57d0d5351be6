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

}  // namespace

stored_request::~stored_request() {
  if (packed()) {
    std::free(block());
  } else {
    delete reinterpret_cast<request*>(tagged_);
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
  auto* kept = static_cast<char*>(std::malloc(bytes.size()));
  if (kept == nullptr) throw std::bad_alloc();
  std::memcpy(kept, bytes.data(), bytes.size());
  delete reinterpret_cast<request*>(tagged_);
  tagged_ = reinterpret_cast<std::uintptr_t>(kept) | packed_bit;
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
