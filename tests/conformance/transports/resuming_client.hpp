// A client under stateful reconnect, made of sockets that can be cut anywhere: it counts as Microsoft's JavaScript
// client does (hub-protocol.md 10).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "carried_client.hpp"
#include "support/wire_form.hpp"

namespace hubbub_test {

class resuming_client {
 public:
  /// Negotiates and connects; nothing is said yet. `receive_room`: a small SO_RCVBUF.
  resuming_client(const test_server& server, wire_form form, int receive_room = 0, std::string path = "/hub");
  void shake_hands(int version = 2);

  /// Sends a message, and keeps it until it is acknowledged. With its socket cut it is kept only.
  void say(const nlohmann::json& message);
  void call(const std::string& target, nlohmann::json arguments, const std::string& id = "");
  /// Sends a message that has no number.
  void say_aside(const nlohmann::json& message);
  /// Acknowledges everything that has come.
  void acknowledge();

  /// The next message for the application: numbered, and not had before. Null when the connection ends.
  nlohmann::json next();
  /// Ends the TCP connection without a word; `hard`: with a reset.
  void cut(bool hard = true);
  /// The status of an attempt to come back, which the client gives up again.
  [[nodiscard]] int status_of_resuming(const std::string& more = {});
  /// Comes back: 101, a Sequence, and everything again that was not acknowledged.
  void resume(const std::string& more = {});

  [[nodiscard]] wire_client& socket() noexcept { return *socket_; }
  [[nodiscard]] std::string target() const { return path_ + "?id=" + token_; }
  [[nodiscard]] const std::string& token() const noexcept { return token_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  /// Numbers of Sequence messages that came.
  [[nodiscard]] const std::vector<std::int64_t>& sequences() const noexcept { return sequences_; }
  [[nodiscard]] std::int64_t acknowledged() const noexcept { return acknowledged_; }
  /// The last Close that came; null: none.
  [[nodiscard]] const nlohmann::json& closed() const noexcept { return closed_; }
  [[nodiscard]] int opcode() const noexcept { return form_ == wire_form::json ? 1 : 2; }
  [[nodiscard]] std::string in_bytes(const nlohmann::json& message) const { return encoded(message, form_); }

 private:
  void take(nlohmann::json message);

  const test_server& server_;
  wire_form form_;
  int receive_room_;
  std::string path_;
  std::string token_;
  std::string id_;
  std::unique_ptr<wire_client> socket_;
  std::deque<nlohmann::json> kept_;  // sent and not acknowledged
  std::int64_t first_kept_ = 1;
  std::int64_t next_ = 1;
  std::int64_t latest_ = 0;
  std::int64_t acknowledged_ = 0;
  bool awaits_sequence_ = false;
  std::vector<std::int64_t> sequences_;
  std::string received_;
  std::deque<nlohmann::json> unread_;
  nlohmann::json closed_;
};

}  // namespace hubbub_test
