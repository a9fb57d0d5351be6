// The conformance server: every feature of the library behind paths and methods that test programs know. Configuration
// by environment: HUBBUB_PORT, HUBBUB_JWT_KEY, HUBBUB_NODE, HUBBUB_THREADS; HUBBUB_TLS_CERTIFICATE and HUBBUB_TLS_KEY,
// two files, make the port speak TLS; HUBBUB_FILTER=1 puts a filter around everything, which clients do not notice
// unless their messages have the header `refuse`.
#include <hubbub/jwt.hpp>
#include <hubbub/server.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>

#include "conformance_hub.hpp"

namespace {

using namespace std::chrono_literals;
using namespace hubbub::literals;

std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

// Test servers only: elsewhere nobody may say who they are.
std::string claimed_user(const hubbub::principal* who, const hubbub::request& request) {
  if (who != nullptr) return std::string(who->find("sub").value_or(""));
  return request.query("user").value_or("");
}

hubbub::task<hubbub::auth_result> who_asks(hubbub::jwt_authentication tokens, const hubbub::request& request) {
  if (!request.path().starts_with("/auth")) co_return hubbub::auth_result::anonymous();
  auto check = tokens(request);
  hubbub::auth_result who = co_await std::move(check);
  co_return who;
}

class test_filter {
 public:
  hubbub::task<void> invoke(hubbub::hub_invocation& call, hubbub::filter_next next) {
    if (const auto why = call.headers().get("refuse")) throw hubbub::hub_error(std::string(*why));
    co_await next();
    if (call.headers().trace() && call.result<std::string>() != nullptr) {
      call.set_result(call.headers().trace()->trace_id);
    }
  }
  hubbub::task<void> on_connected(hubbub::hub_base& hub, hubbub::filter_next next) {
    if (hub.request().query("refuse")) throw hubbub::hub_error("refused by the filter");
    co_await next();
  }
  hubbub::task<void> on_disconnected(hubbub::hub_base&, const hubbub::close_reason&, hubbub::filter_next next) {
    co_await next();
  }
};

template <class Kind>
void map(hubbub::server& app, const char* path, conformance::shared_state& state, bool authenticated) {
  app.map<conformance::conformance_hub<Kind>>(path, std::ref(state))
      .max_message_size(2_MiB)
      .handshake_timeout(5s)
      .keep_alive_interval(5s)
      .client_timeout(20s)
      .outbox_limit(16_MiB)
      .poll_timeout(5s)
      .allow_stateful_reconnects()
      .stateful_reconnect_buffer_size(1_MiB)
      .user_id(claimed_user)
      .require_authentication(authenticated)
      .allowed_origins({"http://app.example"})
      .websocket_origins({"*"});
}

struct test_kind {};
struct auth_kind {};
struct bench_kind {};

void run() {
  hubbub::server_options options;
  options.port = static_cast<std::uint16_t>(std::stoi(setting("HUBBUB_PORT", "9200")));
  options.threads = static_cast<unsigned>(std::stoi(setting("HUBBUB_THREADS", "0")));
  options.disconnect_timeout = 6s;
  options.max_request_body = 4_MiB;  // a POST may carry a message of 2 MiB
  const std::string certificate = setting("HUBBUB_TLS_CERTIFICATE", "");
  if (!certificate.empty()) options.address.clear();
  hubbub::server app(options);
  if (!certificate.empty()) {
    app.listen({.port = options.port,
                .tls = hubbub::tls_options{
                    .certificates = {{.chain_file = certificate, .key_file = setting("HUBBUB_TLS_KEY", "")}}}});
  }
  app.use_logger(hubbub::stderr_logger(hubbub::log_level::warning));
  const auto tokens = hubbub::jwt_bearer({.hs256 = setting("HUBBUB_JWT_KEY", "conformance-test-key-0123456789abcdef"),
                                          .from_query = hubbub::query_token::any});
  // Only /auth looks at tokens; elsewhere they are somebody else's business.
  app.authenticate([tokens](const hubbub::request& request) { return who_asks(tokens, request); });
  conformance::shared_state states[3];
  for (conformance::shared_state& state : states) state.node = setting("HUBBUB_NODE", "n1");
  if (setting("HUBBUB_FILTER", "") == "1") app.add_filter(test_filter());
  map<test_kind>(app, "/test", states[0], false);
  map<auth_kind>(app, "/auth", states[1], true);
  map<bench_kind>(app, "/bench", states[2], false);
  app.map_websocket("/raw",
                    {.on_open = nullptr,
                     .on_message = [](hubbub::raw_websocket& peer, hubbub::websocket_kind kind,
                                      std::string_view message) { peer.send(kind, message); },
                     .on_close = nullptr},
                    {.max_message_size = 2_MiB, .outbox_limit = 16_MiB});
  app.run();
}

}  // namespace

int main() {
  try {
    run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "conformance_server: %s\n", error.what());
    return 1;
  }
  return 0;
}
