// A server with TLS, and the certificate that all of them have.
#include "server_fixture.hpp"

#include "support/certificates.hpp"

namespace hubbub_test {
namespace {

struct shared_certificate {
  temporary_folder folder;
  certificate_authority authority{folder, "authority"};
  certificate_files files = authority.issue("server", "localhost", {"localhost"});
};

const shared_certificate& the_certificate() {
  static const shared_certificate made;  // a key takes its time; nobody changes it
  return made;
}

}  // namespace

void test_server::use_tls() {
  const shared_certificate& with = the_certificate();
  core.whole().options.address.clear();
  core.listen({.tls = hubbub::tls_options{.certificates = {{with.files.certificate, with.files.key}}}});
  manners = tls_manners{.ca_file = with.authority.file()};
}

}  // namespace hubbub_test
