// TLS of a listener: versions, names, certificates of clients, reload, and those who speak something else.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "carried_client.hpp"
#include "support/certificates.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;

class tls : public testing::TestWithParam<unsigned> {
 protected:
  tls() : server(quick_options(GetParam())) { server.core.whole().options.address.clear(); }
  tls_options good() const {
    return {.certificates = {{first.certificate, first.key}, {second.certificate, second.key}}};
  }
  void start(tls_options options) {
    server.core.listen({.tls = std::move(options)});
    const plain_page page = [](const request& asked) {
      const client_certificate* const who = asked.peer_certificate();
      return response::text((asked.secure() ? "secure " : "plain ") + (who == nullptr ? "nobody" : who->common_name));
    };
    server.core.whole().routes.add(route_kind::exact, "/who", page_route{page});
    server.start();
  }
  tls_manners manners(const std::string& host = "a.test") const { return {.ca_file = authority.file(), .host = host}; }
  wire_client connect(const tls_manners& how) const {
    wire_client fresh(server.port());
    fresh.secure(how);
    return fresh;
  }
  // What a page says to a client; empty when it does not get that far.
  std::string page(const tls_manners& how) const {
    try {
      return connect(how).ask("GET", "/who").body;
    } catch (const std::exception&) {
      return {};
    }
  }
  static std::string subject(const wire_client& of) {
    X509* const shown = SSL_get1_peer_certificate(of.tls());
    char name[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name, sizeof name);
    X509_free(shown);
    return name;
  }

  temporary_folder folder;
  certificate_authority authority{folder, "authority"};
  certificate_files first = authority.issue("first", "first", {"a.test", "localhost"});
  certificate_files second = authority.issue("second", "second", {"*.b.test"});
  test_server server;
};

TEST_P(tls, speaks_1_2_and_1_3_and_nothing_older) {
  start(good());
  const auto only = [&](int version) {
    tls_manners how = manners();
    how.lowest = how.highest = version;
    return page(how);
  };

  EXPECT_EQ(only(TLS1_3_VERSION), "secure nobody");
  EXPECT_EQ(only(TLS1_2_VERSION), "secure nobody");
  EXPECT_EQ(only(TLS1_1_VERSION), "");
}

TEST_P(tls, may_be_limited_to_1_3) {
  tls_options strict = good();
  strict.minimum_version = tls_version::v1_3;
  start(strict);
  tls_manners old = manners();
  old.highest = TLS1_2_VERSION;

  EXPECT_EQ(page(manners()), "secure nobody");
  EXPECT_EQ(page(old), "");
}

TEST_P(tls, shows_the_certificate_of_the_host_that_is_asked_for) {
  start(good());

  EXPECT_EQ(subject(connect(manners("a.test"))), "first");
  EXPECT_EQ(subject(connect(manners("www.b.test"))), "second");
  EXPECT_EQ(subject(connect(manners("localhost"))), "first");
  EXPECT_THROW(connect(manners("unknown.test")), std::runtime_error);  // it gets the first, which is not its
}

TEST_P(tls, chooses_http_1_1_or_ends_the_handshake) {
  start(good());
  tls_manners both = manners();
  both.alpn = "\x02h2\x08http/1.1";
  tls_manners newer = manners();
  newer.alpn = "\x02h2";

  const wire_client client = connect(both);

  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.tls(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  EXPECT_THROW(connect(newer), std::runtime_error);
}

TEST_P(tls, knows_clients_by_their_certificates_where_they_are_optional) {
  tls_options asks = good();
  asks.ask_clients = client_certificates::optional;
  asks.client_ca_file = authority.file();
  start(asks);
  const certificate_files device = authority.issue("device", "device-7");
  const certificate_authority strangers(folder, "strangers");
  const certificate_files stranger = strangers.issue("stranger", "stranger");
  const auto as = [&](const certificate_files& who) {
    tls_manners how = manners();
    how.certificate_file = who.certificate;
    how.key_file = who.key;
    return page(how);
  };

  EXPECT_EQ(page(manners()), "secure nobody");
  EXPECT_EQ(as(device), "secure device-7");
  EXPECT_EQ(as(stranger), "");
}

TEST_P(tls, admits_nobody_without_a_certificate_where_it_is_required) {
  tls_options asks = good();
  asks.ask_clients = client_certificates::required;
  asks.client_ca_file = authority.file();
  start(asks);
  const certificate_files device = authority.issue("device", "device-7");
  tls_manners known = manners();
  known.certificate_file = device.certificate;
  known.key_file = device.key;

  EXPECT_EQ(page(manners()), "");
  EXPECT_EQ(page(known), "secure device-7");
}

TEST_P(tls, hands_the_certificate_to_authentication) {
  server.core.whole().authenticate = plain_authentication([](const request& asked) {
    const client_certificate* const who = asked.peer_certificate();
    if (who == nullptr || who->fingerprint.size() != 64 || who->der.empty() || who->serial.empty() ||
        who->issuer != "CN=authority" || who->expires_at < std::chrono::system_clock::now()) {
      return auth_result::challenge();
    }
    return auth_result::user(principal({{"sub", who->subject}}));
  });
  tls_options asks = good();
  asks.ask_clients = client_certificates::optional;
  asks.client_ca_file = authority.file();
  start(asks);
  const certificate_files device = authority.issue("device", "device-7");
  tls_manners known = manners();
  known.certificate_file = device.certificate;
  known.key_file = device.key;

  EXPECT_EQ(connect(known).ask("POST", "/echo/negotiate").status, 200);
  EXPECT_EQ(connect(manners()).ask("POST", "/echo/negotiate").status, 401);
}

TEST_P(tls, reads_its_certificates_again) {
  start(good());
  wire_client before = connect(manners());
  (void)authority.issue("first", "renewed", {"a.test"});  // over the old files

  server.core.reload_tls();

  EXPECT_EQ(subject(connect(manners())), "renewed");
  EXPECT_EQ(before.ask("GET", "/who").body, "secure nobody");
}

TEST_P(tls, keeps_its_certificates_when_new_ones_are_broken) {
  start(good());
  std::ofstream(second.key) << "no key";

  try {
    server.core.reload_tls();
    ADD_FAILURE() << "it took a broken key";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find(second.key), std::string::npos) << error.what();
  }

  EXPECT_EQ(subject(connect(manners("www.b.test"))), "second");
}

TEST_P(tls, resumes_sessions_also_after_a_reload) {
  start(good());
  tls_manners how = manners();
  how.highest = TLS1_2_VERSION;
  wire_client once = connect(how);
  ASSERT_EQ(once.ask("GET", "/who").status, 200);
  SSL_SESSION* const session = SSL_get1_session(once.tls());
  server.core.reload_tls();

  how.resume = session;
  const wire_client again = connect(how);

  EXPECT_EQ(SSL_session_reused(again.tls()), 1);
  SSL_SESSION_free(session);
}

TEST_P(tls, asks_for_certificates_again_after_a_reload) {
  tls_options asks = good();
  asks.ask_clients = client_certificates::required;
  asks.client_ca_file = authority.file();
  start(asks);
  const certificate_files device = authority.issue("device", "device-7");
  tls_manners how = manners();
  how.certificate_file = device.certificate;
  how.key_file = device.key;
  how.highest = TLS1_2_VERSION;
  wire_client once = connect(how);
  ASSERT_EQ(once.ask("GET", "/who").body, "secure device-7");
  SSL_SESSION* const session = SSL_get1_session(once.tls());
  how.resume = session;
  const wire_client again = connect(how);
  EXPECT_EQ(SSL_session_reused(again.tls()), 1);

  server.core.reload_tls();

  const wire_client after = connect(how);
  EXPECT_EQ(SSL_session_reused(after.tls()), 0);
  SSL_SESSION_free(session);
}

TEST_P(tls, does_not_renegotiate) {
  start(good());
  tls_manners how = manners();
  how.highest = TLS1_2_VERSION;
  wire_client client = connect(how);

  SSL_renegotiate(client.tls());

  EXPECT_NE(SSL_do_handshake(client.tls()), 1);
  EXPECT_EQ(page(manners()), "secure nobody");
}

TEST_P(tls, tells_those_who_speak_plain_http) {
  start(good());
  wire_client plain(server.port());

  const wire_answer got = plain.ask("GET", "/who");

  EXPECT_EQ(got.status, 400);
  EXPECT_EQ(got.body, "This port speaks HTTPS only");
  EXPECT_EQ(plain.read_to_end(), "");
}

TEST_P(tls, survives_noise_and_those_who_leave_in_the_handshake) {
  start(good());
  for (int i = 0; i < 20; ++i) {
    wire_client noise(server.port());
    noise.send(std::string(static_cast<std::size_t>(i) * 37 + 1, static_cast<char>(i * 11 + 128)));
    if (i % 2 == 0) noise.close(true);
  }
  const wire_client mute(server.port());
  // A record that announces a client hello and stops in its middle.
  wire_client half(server.port());
  half.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));

  EXPECT_EQ(page(manners()), "secure nobody");
}

TEST_P(tls, closes_those_who_do_not_finish_their_handshake) {
  server.core.whole().options.keep_alive_timeout = std::chrono::milliseconds(300);
  start(good());
  wire_client mute(server.port());
  wire_client half(server.port());
  half.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  wire_client shaken = connect(manners());  // and then asks nothing

  EXPECT_TRUE(mute.ends());
  EXPECT_TRUE(half.ends());
  EXPECT_EQ(shaken.read_to_end(), "");
}

TEST_P(tls, ends_with_a_goodbye) {
  start(good());
  wire_client client = connect(manners());

  const wire_answer got = client.ask("GET", "/who", "Connection: close\r\n");

  EXPECT_EQ(got.body, "secure nobody");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_NE(SSL_get_shutdown(client.tls()) & SSL_RECEIVED_SHUTDOWN, 0);
}

TEST_P(tls, that_is_misconfigured_names_option_and_file) {
  const certificate_files other = authority.issue("other", "other");
  const auto error_of = [&](tls_options options) -> std::string {
    server_options with = quick_options(GetParam());
    with.address.clear();
    server_core core(with);
    core.listen({.tls = std::move(options)});
    try {
      core.start();
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "nothing";
  };
  const auto says = [&](tls_options options, const std::string& text) {
    const std::string error = error_of(std::move(options));
    EXPECT_NE(error.find(text), std::string::npos) << error;
  };

  says({}, "tls.certificates: there is none");
  says({.certificates = {{folder.file("none.pem"), first.key}}},
       "tls.certificates.chain_file '" + folder.file("none.pem"));
  says({.certificates = {{first.certificate, folder.file("none.key")}}},
       "tls.certificates.key_file '" + folder.file("none.key"));
  says({.certificates = {{first.certificate, other.key}}}, "is not the key of '" + first.certificate);
  tls_options asks = good();
  asks.ask_clients = client_certificates::required;
  says(asks, "tls.client_ca_file is empty");
  asks.client_ca_file = folder.file("none.pem");
  says(asks, "tls.client_ca_file '" + folder.file("none.pem"));
  tls_options odd = good();
  odd.ciphers = "NOT-A-CIPHER";
  says(odd, "tls.ciphers 'NOT-A-CIPHER'");
}

INSTANTIATE_TEST_SUITE_P(shards, tls, testing::Values(1u, 3u));

}  // namespace
}  // namespace hubbub_test
