// A server with TLS, and the certificate that all of them have.
#include "server_fixture.hpp"

#include <future>

#include "long_polling/long_polling_link.hpp"
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

void test_server::await_open_poll(const std::string& token) const {
  using namespace hubbub;
  const std::optional<token_place> place = core.whole().signer.verify(token);
  const std::optional<token_bits> bits = bits_of_token(token);
  if (!place || !bits) throw std::runtime_error("no token of this server: " + token);
  shard_server& home = *core.whole().shards.at(place->shard);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (bool there = false; !there;) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("no poll came to the connection's home");
    // Shared: a promise may not go while another thread is still inside of set_value.
    const auto asked = std::make_shared<std::promise<bool>>();
    home.home().post([asked, &home, bits] {
      const std::uint32_t number = home.table().find_any(*bits);
      const bool known = number != connection_table::nowhere && home.table().at(number).polling != nullptr;
      asked->set_value(known && home.table().at(number).polling->has_open_poll());
    });
    there = asked->get_future().get();
  }
}

}  // namespace hubbub_test
