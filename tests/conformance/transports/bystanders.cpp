// The well-behaved, and the counting.
#include "bystanders.hpp"

#include <dirent.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <chrono>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HUBBUB_TEST_FOREIGN_ALLOCATOR
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HUBBUB_TEST_FOREIGN_ALLOCATOR
#endif
#endif

namespace hubbub_test {

bystanders::bystanders(const test_server& server)
    : server_(server),
      websocket_(server.websocket()),
      stream_token_(negotiated(server)),
      stream_(server.client(), stream_token_),
      poll_token_(negotiated(server)) {
  EXPECT_EQ(stream_.head().status, 200);
  EXPECT_EQ(server_.client().ask("GET", "/echo?id=" + poll_token_).status, 200);
  poll();
}

void bystanders::post(const std::string& token, std::string_view body) {
  wire_client socket = server_.client();
  socket.send(post_request("/echo?id=" + token, body));
  EXPECT_EQ(socket.answer().status, 200) << "a POST of somebody else was not answered";
}

void bystanders::poll() {
  poll_ = std::make_unique<wire_client>(server_.client());
  poll_->send("GET /echo?id=" + poll_token_ + " HTTP/1.1\r\nHost: test\r\n\r\n");
}

void bystanders::call() {
  const std::string text = "call " + std::to_string(calls_++);

  websocket_.send_frame(1, text);
  EXPECT_EQ(websocket_.frame().payload, text) << "a WebSocket of somebody else was not answered";

  post(stream_token_, text);
  EXPECT_EQ(stream_.event(), text) << "an event stream of somebody else was not answered";

  post(poll_token_, text);
  const wire_answer got = poll_->answer();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, text) << "a poll of somebody else was not answered";
  poll();
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* const folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

std::size_t bytes_in_use() {
#if defined(__GLIBC__) && !defined(HUBBUB_TEST_FOREIGN_ALLOCATOR)
  const struct mallinfo2 all = ::mallinfo2();
  return all.uordblks + all.hblkhd;
#else
  return 0;
#endif
}

bool call_until(bystanders& others, const std::function<bool()>& true_now) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!true_now()) {
    if (std::chrono::steady_clock::now() > deadline || testing::Test::HasFailure()) return false;
    others.call();
  }
  return true;
}

std::shared_ptr<echo_handler> echo_or_flood(std::size_t messages) {
  return std::make_shared<echo_handler>(hubbub::connection_limits{.outbox = std::size_t{1} << 30},
                                        [messages](hubbub::connection& who, hubbub::bytes_view received) {
                                          if (!received.starts_with("flood")) {
                                            who.send_copy(received);
                                            return;
                                          }
                                          const std::string chunk(64 * 1024, 'x');
                                          for (std::size_t i = 0; i < messages; ++i) who.send_copy(chunk);
                                        });
}

}  // namespace hubbub_test
