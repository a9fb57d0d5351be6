// What trusted proxies say about a request: who sent it to them, and how.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/connection/request.hpp"
#include "hubbub/server_options.hpp"
#include "net/address.hpp"

namespace hubbub::inline v0 {

/// An address as text, with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`. Nothing
/// for other texts, names among them.
[[nodiscard]] std::optional<peer_address> parse_address(std::string_view text) noexcept;

/// One hop of the header `Forwarded` (RFC 7239); what it does not say is empty.
struct forwarded_hop {
  std::string from{};
  std::string scheme{};
  std::string host{};
};

/// The hops of a `Forwarded` header, the nearest last. Nothing when the header is broken.
[[nodiscard]] std::optional<std::vector<forwarded_hop>> parse_forwarded(std::string_view text);

/// The last hops of a `Forwarded` header, the nearest last, as far as they can be read from the right: what a client
/// wrote in front of a proxy's word cannot spoil it.
[[nodiscard]] std::vector<forwarded_hop> nearest_forwarded(std::string_view text);

/// Where a request really came from.
struct request_origin {
  peer_address client;
  bool secure = false;
  std::string host{};  ///< as the browser has it; empty: the header `Host`
};

/// The proxies that are believed. Immutable: any thread.
class trusted_proxies {
 public:
  trusted_proxies() = default;
  /// Networks (`10.0.0.0/8`), addresses, or `unix` for all peers of Unix sockets. Throws std::invalid_argument for
  /// other texts, with the name of the option.
  trusted_proxies(const std::vector<std::string>& networks, forwarded_by how);

  [[nodiscard]] bool empty() const noexcept { return networks_.empty() && !unix_sockets_; }
  [[nodiscard]] bool trusts(const peer_address& who) const noexcept;
  /// Follows the hops from the nearest to the first that is not trusted: that one is the client. What a hop says is
  /// believed only when the one behind it is trusted, so clients cannot invent an address.
  [[nodiscard]] request_origin resolve(const peer_address& peer, bool secure, const request& asked) const;

 private:
  struct network {
    peer_address base;
    unsigned bits = 0;
  };
  std::vector<network> networks_;
  bool unix_sockets_ = false;
  forwarded_by how_ = forwarded_by::x_forwarded;
};

}  // namespace hubbub::inline v0
