// Certificates read, checked and chosen.
#include "tls/tls_identity.hpp"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace hubbub::inline v0 {
namespace {

constexpr const char* forward_secrecy = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr unsigned char session_context[] = "hubbub";

std::string reason_of_failure() {
  char text[256] = "unknown";
  if (const unsigned long code = ERR_peek_last_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

[[noreturn]] void fail(std::string_view option, const std::string& value, const std::string& what) {
  const std::string why = reason_of_failure();
  throw std::invalid_argument("listen option tls." + std::string(option) + " '" + value + "' " + what + " (" + why +
                              ")");
}

int choose_certificate(SSL* ssl, int*, void* all) {
  const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name != nullptr) SSL_set_SSL_CTX(ssl, static_cast<const tls_contexts*>(all)->for_host(name));
  return SSL_TLSEXT_ERR_OK;
}

// HTTP/1.1 or nothing: a client that speaks only something else is told at once.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, ours, sizeof ours - 1, offered, offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void load_certificate(SSL_CTX* context, const tls_certificate& files) {
  if (SSL_CTX_use_certificate_chain_file(context, files.chain_file.c_str()) != 1) {
    fail("certificates.chain_file", files.chain_file, "cannot be read as certificates");
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    fail("certificates.key_file", files.key_file, "cannot be read, or is not the key of '" + files.chain_file + "'");
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    fail("certificates.key_file", files.key_file, "is not the key of '" + files.chain_file + "'");
  }
}

void ask_for_certificates(SSL_CTX* context, const tls_options& options) {
  if (options.ask_clients == client_certificates::off) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    return;
  }
  if (options.client_ca_file.empty()) {
    throw std::invalid_argument(
        "listen option tls.client_ca_file is empty; clients are asked for certificates, and it "
        "says who may have signed them");
  }
  if (SSL_CTX_load_verify_locations(context, options.client_ca_file.c_str(), nullptr) != 1) {
    fail("client_ca_file", options.client_ca_file, "cannot be read as certificates");
  }
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(options.client_ca_file.c_str()));
  const bool required = options.ask_clients == client_certificates::required;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
}

tls_contexts::ticket_keys random_keys() {
  tls_contexts::ticket_keys made{};
  if (RAND_bytes(made.data(), static_cast<int>(made.size())) != 1) throw std::runtime_error("no random numbers");
  return made;
}

}  // namespace

tls_contexts::tls_contexts(const tls_options& options, const ticket_keys& tickets) {
  if (options.certificates.empty()) throw std::invalid_argument("listen option tls.certificates: there is none");
  ERR_clear_error();
  for (const tls_certificate& files : options.certificates) {
    contexts_.emplace_back(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* const one = contexts_.back().get();
    if (one == nullptr) throw std::runtime_error("no TLS: " + reason_of_failure());
    SSL_CTX_set_min_proto_version(one, options.minimum_version == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(one, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(one, SSL_MODE_RELEASE_BUFFERS);
    const std::string ciphers = options.ciphers.empty() ? forward_secrecy : options.ciphers;
    if (SSL_CTX_set_cipher_list(one, ciphers.c_str()) != 1) fail("ciphers", ciphers, "names no cipher");
    load_certificate(one, files);
    ask_for_certificates(one, options);
    SSL_CTX_set_session_id_context(one, session_context, sizeof session_context - 1);
    SSL_CTX_set_session_cache_mode(one, SSL_SESS_CACHE_OFF);  // tickets cost nothing here
    ticket_keys keys = tickets;
    SSL_CTX_set_tlsext_ticket_keys(one, keys.data(), static_cast<long>(keys.size()));
    SSL_CTX_set_tlsext_servername_callback(one, &choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(one, this);
    SSL_CTX_set_alpn_select_cb(one, &choose_protocol, nullptr);
  }
}

SSL_CTX* tls_contexts::for_host(const char* name) const noexcept {
  for (const auto& one : contexts_) {
    X509* const certificate = SSL_CTX_get0_certificate(one.get());
    if (certificate != nullptr && X509_check_host(certificate, name, std::strlen(name), 0, nullptr) == 1)
      return one.get();
  }
  return first();
}

tls_identity::tls_identity(tls_options options)
    : options_(std::move(options)), tickets_(random_keys()), current_(read()) {}

std::shared_ptr<const tls_contexts> tls_identity::read() const {
  // A ticket carries the client's certificate, verified by the authorities of its time: with other authorities clients
  // have to show it again.
  if (options_.ask_clients == client_certificates::off) return std::make_shared<const tls_contexts>(options_, tickets_);
  return std::make_shared<const tls_contexts>(options_, random_keys());
}

void tls_identity::use(std::shared_ptr<const tls_contexts> fresh) {
  const std::lock_guard lock(mutex_);
  current_.swap(fresh);
}

std::shared_ptr<const tls_contexts> tls_identity::now() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace hubbub::inline v0
