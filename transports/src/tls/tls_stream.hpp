// TLS of one connection, without sockets: bytes of the wire go in and come out in memory.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>

#include "hubbub/connection/client_certificate.hpp"
#include "hubbub/core/bytes.hpp"
#include "tls/tls_identity.hpp"

namespace hubbub::inline v0 {

/// What came of decrypting.
enum class tls_result : std::uint8_t {
  data,       ///< there is plain text
  need_more,  ///< nothing more before more comes from the wire
  ended,      ///< the client said that it will send nothing more
  failed,     ///< broken, or no TLS at all
};

/// The server's end of a TLS connection. One shard at a time; it may move with its socket.
class tls_stream {
 public:
  /// Throws bad_alloc.
  explicit tls_stream(std::shared_ptr<const tls_contexts> by);
  tls_stream(const tls_stream&) = delete;
  tls_stream& operator=(const tls_stream&) = delete;
  ~tls_stream();

  /// Bytes from the wire; they stay the caller's until `hold`, or until `decrypt` wants more. Only when `fed` is false.
  void feed(const char* data, std::size_t size) noexcept;
  /// True while bytes wait to be decrypted.
  [[nodiscard]] bool fed() const noexcept { return input_size_ != 0 || SSL_pending(ssl_) > 0; }
  /// Keeps what was fed and not decrypted yet in memory of its own.
  void hold();
  /// Decrypts what was fed into `room`. What has to be sent for that is appended to `out`.
  tls_result decrypt(char* room, std::size_t room_size, std::size_t& size, std::string& out);
  /// Encrypts all of `data` and appends it to `out`; false when that is not possible (any more, or yet).
  [[nodiscard]] bool encrypt(bytes_view data, std::string& out);
  /// Says goodbye.
  void shut_down(std::string& out) noexcept;

  /// The client's certificate, once the handshake is done and if it has one.
  [[nodiscard]] std::shared_ptr<const client_certificate> certificate();
  /// True when the client spoke plain HTTP.
  [[nodiscard]] bool spoke_http() const noexcept { return spoke_http_; }

  // For the socket: bytes that were encrypted and did not fit into it.
  std::string unsent{};
  std::size_t unsent_at = 0;
  bool owes_byte = false;  ///< the last byte that was encrypted is not reported as sent yet

 private:
  friend struct tls_memory;
  [[nodiscard]] tls_result judge(int outcome);

  std::shared_ptr<const tls_contexts> by_;
  SSL* ssl_ = nullptr;
  const char* input_ = nullptr;
  std::size_t input_size_ = 0;
  std::string held_{};
  std::string* out_ = nullptr;  // while OpenSSL works
  std::shared_ptr<const client_certificate> certificate_{};
  bool looked_for_certificate_ = false;
  bool broken_ = false;
  bool spoke_http_ = false;
};

}  // namespace hubbub::inline v0
