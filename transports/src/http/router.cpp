// How paths of routes and of requests are compared.
#include "http/router.hpp"

#include "hubbub/connection/request.hpp"

namespace hubbub::inline v0 {

namespace {

std::string_view without_trailing_slash(std::string_view path) noexcept {
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

}  // namespace

std::string route_key(std::string_view path) {
  if (path.empty() || path.front() != '/') {
    throw std::invalid_argument("path '" + std::string(path) + "' does not begin with '/'");
  }
  std::string key(without_trailing_slash(path));
  for (char& c : key) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return key;
}

bool is_route(std::string_view key, std::string_view path) noexcept {
  return equals_ignoring_case(key, without_trailing_slash(path));
}

bool is_below(std::string_view directory, std::string_view path) noexcept {
  if (!path.starts_with(directory)) return false;
  return directory == "/" || path.size() == directory.size() || path[directory.size()] == '/';
}

}  // namespace hubbub::inline v0
