// Certificates made while a test runs: none is checked in, none expires.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace hubbub_test {

/// A folder that is gone at the end.
class temporary_folder {
 public:
  temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder();
  [[nodiscard]] std::string file(const std::string& name) const { return (where_ / name).string(); }

 private:
  std::filesystem::path where_;
};

/// PEM files of a certificate and its key.
struct certificate_files {
  std::string certificate;
  std::string key;
};

/// Signs certificates with a key of its own.
class certificate_authority {
 public:
  certificate_authority(const temporary_folder& folder, const std::string& name);
  /// A certificate for `common_name` that is also good for the host names; written to files that begin with `file`.
  [[nodiscard]] certificate_files issue(const std::string& file, const std::string& common_name,
                                        const std::vector<std::string>& hosts = {}) const;
  /// PEM file of the authority's own certificate.
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

 private:
  const temporary_folder& folder_;
  std::string file_;
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> own_;
};

}  // namespace hubbub_test
