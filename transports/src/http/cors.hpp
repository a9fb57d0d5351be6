// Which web pages may talk to a server: the origin check, CORS preflight answers and CORS headers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hubbub/connection/request.hpp"
#include "hubbub/http.hpp"

namespace hubbub::inline v0 {

/// A rule about the `Origin` header. Immutable value. An endpoint has two of them: one for WebSockets (`allows`) and
/// one for everything else (`preflight`, `add_headers`); they are equal unless the application says otherwise.
class origin_policy {
 public:
  /// The default: pages of the same host and port, whatever the scheme. Other origins get no CORS headers.
  origin_policy() = default;
  /// Pages of these origins (`https://app.example`, no path), and those of the same host and port.
  /// Throws std::invalid_argument for a text that is no origin.
  explicit origin_policy(std::vector<std::string> allowed);
  /// Every origin.
  [[nodiscard]] static origin_policy any();

  /// The WebSocket check: may a page of this request's origin connect? True without an `Origin` header.
  /// `host`: what the page knows this server by; empty: the header `Host`.
  [[nodiscard]] bool allows(const request& asked, std::string_view host = {}) const noexcept;

  /// May a page of this request's origin read answers? True without an `Origin` header.
  [[nodiscard]] bool shares_with(const request& asked) const noexcept;
  /// True for a CORS preflight: OPTIONS with `Origin` and `Access-Control-Request-Method`.
  [[nodiscard]] static bool is_preflight(const request& asked) noexcept;
  /// The answer to a preflight: 204, with the CORS headers when the origin is one of ours.
  [[nodiscard]] response preflight(const request& asked) const;
  /// Adds to an actual answer what the browser wants to see, and `Vary: Origin` where the answer depends on it.
  void add_headers(const request& asked, response& answer) const;

 private:
  [[nodiscard]] bool shares_with(std::string_view origin) const noexcept;

  std::vector<std::string> allowed_;
  bool any_ = false;
};

/// True when `origin` names the same host and port as the request's `Host` (default ports 80 and 443 may be left
/// out on either side).
[[nodiscard]] bool is_same_host(std::string_view origin, std::string_view host) noexcept;

}  // namespace hubbub::inline v0
