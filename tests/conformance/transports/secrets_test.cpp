// What never reaches a log: tokens, cookies and queries, in good, wrong and broken requests, at the most talkative
// level.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "carried_client.hpp"
#include "hubbub/core/base64.hpp"
#include "hubbub/jwt.hpp"
#include "hubbub/server.hpp"

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
    // With version 0 the id is what requests find the connection by.
    const wire_answer old = ask("POST", "/echo/negotiate", header);
    if (old.status != 200) return;
    const std::string old_id = json_field(old.body, "connectionId");
    (void)ask("GET", "/echo?id=" + old_id, header);
    (void)ask("POST", "/echo?id=" + old_id, header);
    (void)ask("DELETE", "/echo?id=" + old_id, header);
    tokens.push_back(old_id);
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

// Keeps records whole.
class record_keeper final : public logger {
 public:
  struct kept {
    log_level level;
    std::string message;
    std::string connection_id;
    std::string hub_method;
  };
  [[nodiscard]] log_level threshold() const noexcept override { return log_level::trace; }
  void write(log_level level, std::string_view, std::string_view text) noexcept override {
    const std::lock_guard lock(mutex_);
    all_.push_back({level, std::string(text), {}, {}});
  }
  void log(const log_record& record) noexcept override {
    const std::lock_guard lock(mutex_);
    all_.push_back(
        {record.level, std::string(record.message), std::string(record.connection_id), std::string(record.hub_method)});
  }
  [[nodiscard]] std::vector<kept> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<kept> all_;
};

class broken_hub : public hub<broken_hub> {
 public:
  void crash() { throw std::runtime_error("broken"); }
  using methods = hubbub::methods<&broken_hub::crash>;
};

class records : public testing::TestWithParam<int> {};

TEST_P(records, name_the_connection_and_the_method_but_never_a_secret) {
  const int version = GetParam();
  auto log = std::make_shared<record_keeper>();
  server app({.port = 0, .threads = 1});
  app.use_logger(log);
  app.map<broken_hub>("/hub");
  app.start();
  const wire_answer made =
      wire_client(app.port()).ask("POST", "/hub/negotiate?negotiateVersion=" + std::to_string(version));
  const std::string id = json_field(made.body, "connectionId");
  const std::string secret_id = version == 0 ? id : json_field(made.body, "connectionToken");
  wire_client client(app.port());
  ASSERT_EQ(client.upgrade("/hub?id=" + secret_id).status, 101);
  client.send_frame(1, "{\"protocol\":\"json\",\"version\":1}\x1e");
  ASSERT_EQ(client.frame().payload, "{}\x1e");
  client.send_frame(1, "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Crash\",\"arguments\":[]}\x1e");
  ASSERT_NE(client.frame().payload.find("error"), std::string::npos);
  client.send_frame(1, "{\"type\":1,\"target\":\"Crash\",\"arguments\":[1]}\x1e");  // a line at level debug
  client.send_frame(1, "nonsense\x1e");                                             // ends with an error
  EXPECT_TRUE(client.frame().payload.find("error") != std::string::npos);
  app.stop();
  app.wait();

  std::size_t named = 0;
  for (const record_keeper::kept& one : log->all()) {
    EXPECT_EQ((one.message + one.connection_id).find(secret_id), std::string::npos) << one.message;
    if (one.connection_id.empty()) continue;
    EXPECT_EQ(one.connection_id, version == 0 ? id.substr(0, 6) + "..." : id) << one.message;
    if (one.hub_method == "BrokenHub.Crash") ++named;
  }
  EXPECT_EQ(named, 2u);
}

INSTANTIATE_TEST_SUITE_P(of_version, records, testing::Values(0, 1));

INSTANTIATE_TEST_SUITE_P(shards, secrets, testing::Values(1u, 3u));

}  // namespace
}  // namespace hubbub_test
