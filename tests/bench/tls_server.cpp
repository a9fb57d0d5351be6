// The load contract of the conformance hub at /bench, plain at HUBBUB_PORT and over TLS at a second port: what
// tls_broadcast.py and idle_memory.py measure. HUBBUB_THREADS as for the conformance server.
//
//   tls_server TLS_PORT CERTIFICATE KEY
#include <hubbub/server.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>

#include "conformance_hub.hpp"

namespace {

using namespace hubbub::literals;

struct bench_kind {};

std::uint16_t port_of(const char* text) { return static_cast<std::uint16_t>(std::stoi(text)); }

std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

void run(const char* tls_port, const char* certificate, const char* key) {
  hubbub::server_options options;
  options.port = port_of(setting("HUBBUB_PORT", "9200").c_str());
  options.threads = static_cast<unsigned>(std::stoi(setting("HUBBUB_THREADS", "0")));
  hubbub::server app(options);
  app.use_logger(hubbub::stderr_logger(hubbub::log_level::warning));
  app.listen({.port = port_of(tls_port),
              .tls = hubbub::tls_options{.certificates = {{.chain_file = certificate, .key_file = key}}}});
  conformance::shared_state state;
  app.map<conformance::conformance_hub<bench_kind>>("/bench", std::ref(state))
      .outbox_limit(16_MiB)
      .websocket_origins({"*"});
  app.run();
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) {
    std::fputs("tls_server TLS_PORT CERTIFICATE KEY\n", stderr);
    return 2;
  }
  try {
    run(words[1], words[2], words[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tls_server: %s\n", error.what());
    return 1;
  }
  return 0;
}
