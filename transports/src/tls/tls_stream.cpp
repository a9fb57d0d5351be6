// OpenSSL between two memories. A BIO of our own is all that it sees of the world: no system call, no second buffer.
#include "tls/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <new>
#include <utility>

namespace hubbub::inline v0 {

// What the BIO does.
struct tls_memory {
  static tls_stream& stream_of(BIO* bio) noexcept { return *static_cast<tls_stream*>(BIO_get_data(bio)); }
  static int read(BIO* bio, char* room, std::size_t size, std::size_t* read) {
    tls_stream& of = stream_of(bio);
    BIO_clear_retry_flags(bio);
    if (of.input_size_ == 0) {
      BIO_set_retry_read(bio);
      return 0;
    }
    *read = std::min(size, of.input_size_);
    std::memcpy(room, of.input_, *read);
    of.input_ += *read;
    of.input_size_ -= *read;
    return 1;
  }
  static int write(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
    tls_stream& of = stream_of(bio);
    BIO_clear_retry_flags(bio);
    if (of.out_ == nullptr) return 0;
    try {
      of.out_->append(data, size);
    } catch (const std::bad_alloc&) {
      return 0;
    }
    *written = size;
    return 1;
  }
  static long control(BIO*, int command, long, void*) noexcept { return command == BIO_CTRL_FLUSH ? 1 : 0; }
  static int create(BIO* bio) noexcept {
    BIO_set_init(bio, 1);
    return 1;
  }
  // Made once; a table of functions that nobody changes.
  static const BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* const fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hubbub memory");
      if (fresh == nullptr) throw std::bad_alloc();
      BIO_meth_set_read_ex(fresh, &read);
      BIO_meth_set_write_ex(fresh, &write);
      BIO_meth_set_ctrl(fresh, &control);
      BIO_meth_set_create(fresh, &create);
      return fresh;
    }();
    return made;
  }
};

namespace {

// Where OpenSSL may write to, for as long as it works.
class output {
 public:
  output(std::string*& place, std::string& out) noexcept : place_(place) { place_ = &out; }
  ~output() { place_ = nullptr; }
  output(const output&) = delete;
  output& operator=(const output&) = delete;

 private:
  std::string*& place_;
};

std::string text_of(const X509_NAME* name) {
  BIO* const memory = BIO_new(BIO_s_mem());
  if (memory == nullptr) throw std::bad_alloc();
  X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(std::max(0l, size)));
  BIO_free(memory);
  return text;
}

std::string common_name_of(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return {};
  std::string text(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return text;
}

std::string hexadecimal(const unsigned char* bytes, std::size_t size) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

std::shared_ptr<const client_certificate> read_certificate(X509& from) {
  auto made = std::make_shared<client_certificate>();
  made->subject = text_of(X509_get_subject_name(&from));
  made->issuer = text_of(X509_get_issuer_name(&from));
  made->common_name = common_name_of(X509_get_subject_name(&from));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned digest_size = 0;
  if (X509_digest(&from, EVP_sha256(), digest, &digest_size) == 1) made->fingerprint = hexadecimal(digest, digest_size);
  if (const ASN1_INTEGER* serial = X509_get0_serialNumber(&from)) {
    made->serial = hexadecimal(ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial)));
  }
  unsigned char* der = nullptr;
  if (const int size = i2d_X509(&from, &der); size > 0) {
    made->der.assign(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
  }
  std::tm when{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&from), &when) == 1) {
    made->expires_at = std::chrono::system_clock::from_time_t(::timegm(&when));
  }
  return made;
}

}  // namespace

tls_stream::tls_stream(std::shared_ptr<const tls_contexts> by) : by_(std::move(by)), ssl_(SSL_new(by_->first())) {
  BIO* const memory = ssl_ == nullptr ? nullptr : BIO_new(tls_memory::method());
  if (memory == nullptr) {
    SSL_free(ssl_);
    throw std::bad_alloc();
  }
  BIO_set_data(memory, this);
  SSL_set_bio(ssl_, memory, memory);
  SSL_set_accept_state(ssl_);
}

tls_stream::~tls_stream() { SSL_free(ssl_); }

void tls_stream::feed(const char* data, std::size_t size) noexcept {
  input_ = data;
  input_size_ = size;
}

void tls_stream::hold() {
  if (input_size_ == 0) {
    held_ = std::string();
    return;
  }
  std::string kept(input_, input_size_);  // it may lie in held_
  held_ = std::move(kept);
  input_ = held_.data();
}

tls_result tls_stream::decrypt(char* room, std::size_t room_size, std::size_t& size, std::string& out) {
  size = 0;
  if (broken_) return tls_result::failed;
  const output to(out_, out);
  ERR_clear_error();
  const int outcome = SSL_read_ex(ssl_, room, room_size, &size);
  return outcome == 1 ? tls_result::data : judge(outcome);
}

tls_result tls_stream::judge(int outcome) {
  switch (SSL_get_error(ssl_, outcome)) {
    case SSL_ERROR_WANT_READ: return tls_result::need_more;
    case SSL_ERROR_ZERO_RETURN: return tls_result::ended;
    default: break;
  }
  broken_ = true;
  spoke_http_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
  ERR_clear_error();
  return tls_result::failed;
}

bool tls_stream::encrypt(bytes_view data, std::string& out) {
  if (broken_) return false;
  const output to(out_, out);
  ERR_clear_error();
  std::size_t written = 0;
  if (SSL_write_ex(ssl_, data.data(), data.size(), &written) == 1 && written == data.size()) return true;
  broken_ = true;
  ERR_clear_error();
  return false;
}

void tls_stream::shut_down(std::string& out) noexcept {
  if (broken_ || SSL_in_init(ssl_) != 0) return;
  const output to(out_, out);
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

std::shared_ptr<const client_certificate> tls_stream::certificate() {
  if (looked_for_certificate_ || SSL_in_init(ssl_) != 0) return certificate_;
  looked_for_certificate_ = true;
  if (X509* const theirs = SSL_get1_peer_certificate(ssl_)) {
    certificate_ = read_certificate(*theirs);
    X509_free(theirs);
  }
  return certificate_;
}

}  // namespace hubbub::inline v0
