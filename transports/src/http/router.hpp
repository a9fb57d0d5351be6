// Finds what serves a path: exact routes in any letter case and with one trailing slash, then the longest directory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::inline v0 {

/// How a route matches.
enum class route_kind : unsigned char { exact, directory };

/// A path as routes compare it: lower case (ASCII), no trailing slash (`/` stays). Throws std::invalid_argument when
/// it does not begin with `/`.
[[nodiscard]] std::string route_key(std::string_view path);

/// True when a request's decoded path is that route (any letter case, one trailing slash).
[[nodiscard]] bool is_route(std::string_view key, std::string_view path) noexcept;

/// True when a request's decoded path lies at or below that directory (letter case counts: files have it).
[[nodiscard]] bool is_below(std::string_view directory, std::string_view path) noexcept;

/// Routes to plain values. Filled before the server starts, immutable afterwards.
template <class Value>
class router {
 public:
  /// Adds a route. Throws std::invalid_argument for a bad path or one that is taken.
  void add(route_kind kind, std::string_view path, Value value) {
    std::string key = route_key(path);
    if (kind == route_kind::directory) key.assign(path.substr(0, key.size()));
    for (const auto& known : routes_) {
      if (known.kind == kind && known.key == key) throw std::invalid_argument("path '" + key + "' is mapped twice");
    }
    routes_.push_back({std::move(key), kind, std::move(value)});
    // Exact ones first, then the longest directory: the first match wins.
    std::stable_sort(routes_.begin(), routes_.end(), [](const route& left, const route& right) {
      if (left.kind != right.kind) return left.kind == route_kind::exact;
      return left.key.size() > right.key.size();
    });
  }

  /// The value that serves `path` (percent-decoded), or null.
  [[nodiscard]] const Value* find(std::string_view path) const noexcept {
    for (const auto& known : routes_) {
      if (known.kind == route_kind::exact ? is_route(known.key, path) : is_below(known.key, path)) return &known.value;
    }
    return nullptr;
  }

  /// Number of routes.
  [[nodiscard]] std::size_t size() const noexcept { return routes_.size(); }

 private:
  struct route {
    std::string key;
    route_kind kind;
    Value value;
  };
  std::vector<route> routes_;
};

}  // namespace hubbub::inline v0
