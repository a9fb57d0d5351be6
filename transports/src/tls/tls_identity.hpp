// The certificates of a listener, ready for handshakes, and their reload.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hubbub/tls_options.hpp"

namespace hubbub::inline v0 {

/// One reading of the files. Immutable; shared by the handshakes that began with it.
class tls_contexts {
 public:
  /// Secrets of session tickets: kept over reloads, so that clients resume; but not where clients show certificates.
  using ticket_keys = std::array<unsigned char, 80>;

  /// Reads and checks everything. Throws std::invalid_argument with the option and the file that is to blame.
  tls_contexts(const tls_options& options, const ticket_keys& tickets);
  tls_contexts(const tls_contexts&) = delete;
  tls_contexts& operator=(const tls_contexts&) = delete;
  ~tls_contexts() = default;

  /// The context of the first certificate.
  [[nodiscard]] SSL_CTX* first() const noexcept { return contexts_.front().get(); }
  /// The context whose certificate is for that host; the first when there is none.
  [[nodiscard]] SSL_CTX* for_host(const char* name) const noexcept;

 private:
  struct free_context {
    void operator()(SSL_CTX* doomed) const noexcept { SSL_CTX_free(doomed); }
  };
  std::vector<std::unique_ptr<SSL_CTX, free_context>> contexts_;
};

/// What a listener with TLS has. Any thread.
class tls_identity {
 public:
  /// Reads the files; throws as `tls_contexts` does.
  explicit tls_identity(tls_options options);
  /// Reads the files again, for `use`; throws as the constructor does, and then nothing has changed.
  [[nodiscard]] std::shared_ptr<const tls_contexts> read() const;
  /// From now on new connections get these.
  void use(std::shared_ptr<const tls_contexts> fresh);
  /// For a new connection.
  [[nodiscard]] std::shared_ptr<const tls_contexts> now() const;

 private:
  tls_options options_;
  tls_contexts::ticket_keys tickets_;
  mutable std::mutex mutex_;
  std::shared_ptr<const tls_contexts> current_;
};

}  // namespace hubbub::inline v0
