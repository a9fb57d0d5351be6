// TLS of a listener. A value of settings; checked by `server::start`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hubbub::inline v0 {

/// A certificate and its key, in PEM files.
struct tls_certificate {
  std::string chain_file{};  ///< the certificate, then those that lead to a root
  std::string key_file{};    ///< its private key, without a password
};

/// What is asked of clients.
enum class client_certificates : std::uint8_t {
  off,       ///< nothing
  optional,  ///< a certificate may come; one that does not verify ends the handshake
  required,  ///< without one there is no connection
};

/// The oldest version that is spoken.
enum class tls_version : std::uint8_t { v1_2, v1_3 };

/// How a listener speaks TLS. Files are read at `server::start` and by `server::reload_tls`.
struct tls_options {
  std::vector<tls_certificate> certificates{};  ///< the first is for clients that name no host we know; the others
                                                ///< are chosen by the names in them (SNI)
  client_certificates ask_clients = client_certificates::off;
  std::string client_ca_file{};  ///< PEM: who may have signed certificates of clients; needed when they are asked for
  tls_version minimum_version = tls_version::v1_2;
  std::string ciphers{};  ///< of TLS 1.2, as OpenSSL names them; empty: those with forward secrecy
};

}  // namespace hubbub::inline v0
