// Certificates through OpenSSL.
#include "support/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace hubbub_test {
namespace {

std::shared_ptr<EVP_PKEY> new_key() { return {EVP_EC_gen("prime256v1"), &EVP_PKEY_free}; }

void name_it(X509_NAME* name, const std::string& common_name) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                             -1, 0);
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (made == nullptr) throw std::runtime_error("no extension " + value);
  X509_add_ext(certificate, made, -1);
  X509_EXTENSION_free(made);
}

std::shared_ptr<X509> begin_certificate(EVP_PKEY* key, const std::string& common_name) {
  std::shared_ptr<X509> made(X509_new(), &X509_free);
  X509_set_version(made.get(), 2);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 24 * 3600);
  X509_set_pubkey(made.get(), key);
  name_it(X509_get_subject_name(made.get()), common_name);
  return made;
}

class open_file {
 public:
  explicit open_file(const std::string& path) : file_(std::fopen(path.c_str(), "w")) {
    if (file_ == nullptr) throw std::runtime_error("cannot write " + path);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() { std::fclose(file_); }
  [[nodiscard]] FILE* get() const noexcept { return file_; }

 private:
  FILE* file_;
};

}  // namespace

temporary_folder::temporary_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "hubbub-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  where_ = pattern;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(where_, ignored);
}

certificate_authority::certificate_authority(const temporary_folder& folder, const std::string& name)
    : folder_(folder), file_(folder.file(name + ".pem")), key_(new_key()), own_(begin_certificate(key_.get(), name)) {
  X509_set_issuer_name(own_.get(), X509_get_subject_name(own_.get()));
  extend(own_.get(), own_.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(own_.get(), key_.get(), EVP_sha256());
  PEM_write_X509(open_file(file_).get(), own_.get());
}

certificate_files certificate_authority::issue(const std::string& file, const std::string& common_name,
                                               const std::vector<std::string>& hosts) const {
  const std::shared_ptr<EVP_PKEY> key = new_key();
  const std::shared_ptr<X509> made = begin_certificate(key.get(), common_name);
  X509_set_issuer_name(made.get(), X509_get_subject_name(own_.get()));
  std::string names;
  for (const std::string& host : hosts) names += (names.empty() ? "DNS:" : ",DNS:") + host;
  if (!names.empty()) extend(made.get(), own_.get(), NID_subject_alt_name, names);
  X509_sign(made.get(), key_.get(), EVP_sha256());

  const certificate_files written{folder_.file(file + ".pem"), folder_.file(file + ".key")};
  const open_file chain(written.certificate);
  PEM_write_X509(chain.get(), made.get());
  PEM_write_X509(chain.get(), own_.get());
  PEM_write_PrivateKey(open_file(written.key).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return written;
}

}  // namespace hubbub_test
