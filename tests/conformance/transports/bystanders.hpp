// Clients that do nothing wrong while others do: what they ask must go on being answered. And what a server holds,
// to be compared before and after.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "carried_client.hpp"

namespace hubbub_test {

/// One well-behaved client on each transport, connected to the echo.
class bystanders {
 public:
  explicit bystanders(const test_server& server);
  /// Each of them sends something new and gets it back; fails the test, naming who, when that is not so.
  void call();
  /// How many connections they are.
  static constexpr std::size_t count = 3;
  /// How many sockets they keep open between calls.
  static constexpr std::size_t sockets = 3;

 private:
  void post(const std::string& token, std::string_view body);
  void poll();

  const test_server& server_;
  wire_client websocket_;
  std::string stream_token_;
  event_reader stream_;
  std::string poll_token_;
  std::unique_ptr<wire_client> poll_;  // always open: the connection never waits for its client
  int calls_ = 0;
};

/// Descriptors of this process, clients and server together.
[[nodiscard]] std::size_t open_descriptors();

/// Bytes that this process has taken from the allocator and not given back; 0 where that cannot be told (sanitizers,
/// other C libraries).
[[nodiscard]] std::size_t bytes_in_use();

/// Lets the bystanders call until `true_now`; false when that takes too long.
[[nodiscard]] bool call_until(bystanders& others, const std::function<bool()>& true_now);

/// An echo, but for messages that begin with `flood`: those are answered with 64 KiB, as often as `messages` says.
[[nodiscard]] std::shared_ptr<echo_handler> echo_or_flood(std::size_t messages);

}  // namespace hubbub_test
