// Addresses to listen at and addresses of peers, as text and as the system wants them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hubbub/server_options.hpp"
#include "net/unique_fd.hpp"
#include "tls/tls_identity.hpp"

namespace hubbub::inline v0 {

/// Where a connection came from, in the little room a session has for it. A value.
struct peer_address {
  std::uint8_t bytes[16] = {};
  std::uint16_t port = 0;
  std::uint8_t family = 0;  ///< AF_INET, AF_INET6; 0 for Unix sockets

  /// From what accept() reported. IPv4 addresses inside IPv6 ones are taken out.
  [[nodiscard]] static peer_address from(const sockaddr_storage& reported) noexcept;
  /// As text without the port; empty for Unix sockets.
  [[nodiscard]] std::string text() const;
};

/// A listening socket and where it is.
struct listening {
  unique_fd descriptor;
  std::uint16_t port = 0;                  ///< the real one, when 0 was asked for
  std::string url;                         ///< for the log: http://127.0.0.1:5000, unix:/run/x.sock
  std::string unix_path;                   ///< to be removed at the end
  std::shared_ptr<tls_identity> secure{};  ///< null: plain HTTP
};

/// Opens a listening, non-blocking socket. Throws std::system_error (taken, forbidden) or std::invalid_argument (no
/// address), with the option's name and value.
[[nodiscard]] listening open_listener(const listen_options& where);

}  // namespace hubbub::inline v0
