// A client that carries its bytes over whatever transport a test names: what is the same for all of them is tested
// once.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server_fixture.hpp"

namespace hubbub_test {

/// A transport, and with how many shards.
struct carriage {
  hubbub::transport_kind by = hubbub::transport_kind::web_sockets;
  unsigned shards = 1;
  bool tls = false;
  friend void PrintTo(const carriage& what, std::ostream* out) {
    constexpr const char* names[] = {"WebSockets", "ServerSentEvents", "LongPolling"};
    *out << names[static_cast<int>(what.by)] << " with " << what.shards << " shards" << (what.tls ? ", TLS" : "");
  }
};

/// All of them.
[[nodiscard]] inline std::vector<carriage> all_carriages() {
  std::vector<carriage> all;
  for (const auto by : {hubbub::transport_kind::web_sockets, hubbub::transport_kind::server_sent_events,
                        hubbub::transport_kind::long_polling}) {
    for (const unsigned shards : {1u, 3u}) {
      for (const bool tls : {false, true}) all.push_back({by, shards, tls});
    }
  }
  return all;
}

/// A field of a JSON text.
[[nodiscard]] std::string json_field(const std::string& json, const std::string& name);
/// Negotiates at the echo, or elsewhere; the token.
[[nodiscard]] std::string negotiated(const test_server& server, int version = 1, const std::string& path = "/echo");
/// A POST with a body.
[[nodiscard]] std::string post_request(const std::string& target, std::string_view body);

/// An event stream as it comes: the answer's head, then events.
class event_reader {
 public:
  event_reader(wire_client socket, const std::string& token, std::string_view more_headers = {},
               const std::string& path = "/echo");
  /// The head of the answer and, when it is no stream, its body.
  [[nodiscard]] const wire_answer& head() const noexcept { return head_; }
  /// The bytes of the next chunk; empty at the end of the stream.
  [[nodiscard]] std::string chunk() { return socket_.chunk(); }
  /// The payload of the next event; empty at the end.
  [[nodiscard]] std::string event();
  [[nodiscard]] wire_client& socket() noexcept { return socket_; }

 private:
  wire_client socket_;
  wire_answer head_;
};

/// A connected client, of the echo unless a test says otherwise. POSTs and polls go over several sockets in turn, so
/// that they arrive at all shards.
class carried_client {
 public:
  carried_client(const test_server& server, carriage how, const std::string& path = "/echo");
  /// Sends bytes, and waits until they are accepted where the transport tells. `opcode`: of a WebSocket's frame.
  void send(std::string_view bytes, int opcode = 1);
  /// What comes until there are that many bytes, or the end.
  [[nodiscard]] std::string receive(std::size_t size);
  /// The next transport message; empty at the end.
  [[nodiscard]] std::string message();
  /// The opcode of the WebSocket message that came last.
  [[nodiscard]] int opcode() const noexcept { return opcode_; }
  /// What the server says next finds the client waiting: a poll is open at the connection's home.
  void listen();
  /// The line breaks.
  void leave();
  [[nodiscard]] const std::string& token() const noexcept { return token_; }

 private:
  [[nodiscard]] wire_client& next_socket();

  const test_server& server_;
  carriage how_;
  std::string token_;
  std::string target_;
  int opcode_ = -1;
  std::unique_ptr<wire_client> websocket_;
  std::unique_ptr<event_reader> events_;
  std::unique_ptr<wire_client> poll_;  // open
  std::vector<wire_client> sockets_;
  std::size_t next_ = 0;
};

}  // namespace hubbub_test
