// Who a client is by its certificate: what a TLS listener that asks for one has verified.
#pragma once

#include <chrono>
#include <string>

namespace hubbub::inline v0 {

/// A verified certificate of a client. A value.
struct client_certificate {
  std::string subject{};      ///< as RFC 2253 writes it: `CN=device-7,O=Example`
  std::string issuer{};       ///< the same of who signed it
  std::string common_name{};  ///< the subject's `CN`; empty: it has none
  std::string serial{};       ///< hexadecimal digits
  std::string fingerprint{};  ///< SHA-256 of the whole, 64 hexadecimal digits in lower case
  std::string der{};          ///< the certificate itself, in DER
  std::chrono::system_clock::time_point expires_at{};
};

}  // namespace hubbub::inline v0
