// A server of a test: on a free port, with short times, stopped at the end whatever happened.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "echo_handler.hpp"
#include "server_core.hpp"
#include "support/recording_logger.hpp"
#include "wire_client.hpp"

namespace hubbub_test {

/// Options of a test server with that many shards.
[[nodiscard]] inline hubbub::server_options quick_options(unsigned shards) {
  hubbub::server_options options;
  options.port = 0;
  options.threads = shards;
  options.drain_timeout = std::chrono::seconds(20);  // tests that mean it shorten it
  return options;
}

/// A server with an echo at `/echo`. Set up through `core`, then `start`.
class test_server {
 public:
  explicit test_server(hubbub::server_options options, std::shared_ptr<echo_handler> handler = nullptr)
      : log(std::make_shared<recording_logger>()),
        echo(handler != nullptr ? std::move(handler) : std::make_shared<echo_handler>()),
        core(std::move(options)) {
    core.use_logger(log);
    core.map_handler("/echo", echo);
  }
  ~test_server() { stop(); }
  test_server& start() {
    core.start();
    return *this;
  }
  void stop() {
    core.stop();
    core.wait();
  }
  [[nodiscard]] std::uint16_t port() const { return core.port(); }
  /// Listens with TLS, at a port of its own; clients speak it too. Before `start`.
  void use_tls();
  /// A new connection to the server. `receive_room`: a small SO_RCVBUF.
  [[nodiscard]] wire_client client(int receive_room = 0) const {
    wire_client fresh(port(), "127.0.0.1", receive_room);
    if (manners) fresh.secure(*manners);
    return fresh;
  }
  /// A new WebSocket at the echo.
  [[nodiscard]] wire_client websocket(const std::string& target = "/echo") const {
    wire_client fresh = client();
    if (fresh.upgrade(target).status != 101) throw std::runtime_error("no WebSocket at " + target);
    return fresh;
  }

  /// Waits until a poll of that connection waits at its home. A poll travels there from the shard of its socket: that
  /// it was sent before another request, on another socket, does not say that it arrives before it.
  void await_open_poll(const std::string& token) const;

  std::shared_ptr<recording_logger> log;
  std::shared_ptr<echo_handler> echo;
  hubbub::server_core core;
  std::optional<tls_manners> manners;  ///< null: plain
};

}  // namespace hubbub_test
