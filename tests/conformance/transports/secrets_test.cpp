// What never reaches a log: tokens, cookies and queries, in good, wrong and broken requests, at the most talkative
// level.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <chrono>
#include <string>
#include <vector>

#include "carried_client.hpp"
#include "hubbub/core/base64.hpp"
#include "hubbub/jwt.hpp"

namespace hubbub_test {
namespace {

using namespace hubbub;

const std::string secret = "thirty-two bytes and some more, for HS256";

std::string token_for(const std::string& claims) {
  const std::string text = base64url_encoded(R"({"alg":"HS256"})") + "." + base64url_encoded(claims);
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, &size);
  return text + "." + base64url_encoded(std::string(reinterpret_cast<char*>(out), size));
}

class secrets : public testing::TestWithParam<unsigned> {
 protected:
  secrets() : server(quick_options(GetParam())), log(std::make_shared<recording_logger>(log_level::trace)) {
    server.core.use_logger(log);
    server.core.whole().authenticate = task_authentication(jwt_bearer({.hs256 = secret}));
    server.start();
  }
  // A socket after each request: some of them end it.
  wire_answer ask(const std::string& method, const std::string& target, const std::string& headers = {}) {
    return server.client().ask(method, target, headers);
  }
  // Every way in which a token comes, over every transport.
  void run_with(const std::string& token) {
    const std::string header = "Authorization: Bearer " + token + "\r\nCookie: session=" + cookie + "\r\n";
    const std::string query = "access_token=" + token;
    (void)ask("POST", "/echo/negotiate?negotiateVersion=1&" + query, header);
    const wire_answer made = ask("POST", "/echo/negotiate?negotiateVersion=1", header);
    const std::string id = made.status == 200 ? json_field(made.body, "connectionToken") : "unknown";
    for (const std::string& target : {"/echo?id=" + id + "&" + query, "/echo?" + query}) {
      (void)ask("GET", target);
      (void)ask("GET", target, "Accept: text/event-stream\r\nConnection: close\r\n");
      (void)ask("POST", target);
      (void)ask("DELETE", target, header);
      (void)ask("OPTIONS", target, "Origin: http://elsewhere\r\nAccess-Control-Request-Method: POST\r\n");
      (void)server.client().upgrade(target);
      wire_client(server.port()).send("GET " + target + " HTTP/1.1\r\n" + header + "bad line\r\n\r\n");
      wire_client(server.port()).send("GET " + target + " HTTP/9.9\r\n" + header + "\r\n");
    }
    (void)ask("GET", "/nowhere?" + query, header);
    tokens.push_back(token);
    if (id != "unknown") tokens.push_back(id);
  }

  const std::string cookie = "cookie-that-nobody-may-read";
  test_server server;
  std::shared_ptr<recording_logger> log;
  std::vector<std::string> tokens;
};

TEST_P(secrets, are_in_no_line_of_a_whole_run) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  const std::string good = token_for(R"({"sub":"ann","exp":)" + std::to_string(now.count() + 600) + "}");
  run_with(good);
  run_with(token_for(R"({"sub":"ann","exp":1000})"));
  run_with(good.substr(0, good.size() - 6));
  run_with("no.token-at-all");

  server.stop();

  ASSERT_FALSE(log->lines().empty());
  EXPECT_EQ(log->count(cookie), 0u);
  for (const std::string& token : tokens) {
    EXPECT_EQ(log->count(token.substr(0, 30)), 0u) << token;
    EXPECT_EQ(log->count(token.substr(token.size() / 2)), 0u) << token;
  }
}

INSTANTIATE_TEST_SUITE_P(shards, secrets, testing::Values(1u, 3u));

}  // namespace
}  // namespace hubbub_test
