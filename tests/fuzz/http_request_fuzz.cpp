// Fuzzes the HTTP request machine. The first two bytes choose where the stream is cut; the rest is the stream.
// Promises checked: cutting changes nothing, and a request that we take is read the same way by an independent parser
// (Beast's): nobody in front of us can have seen two requests, or another one, where we saw this.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "../unit/transports/request_story.hpp"

namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using error = boost::beast::error_code;

[[noreturn]] void give_up(const char* promise) {
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// What another reader makes of one request.
class second_opinion final : public http::basic_parser<true> {
 public:
  std::string line;
  std::string body;

 private:
  static std::string_view plain(string_view text) { return {text.data(), text.size()}; }
  void on_request_impl(http::verb, string_view method, string_view target, int version, error&) override {
    line = std::string(plain(method)) + ' ' + std::string(plain(target)) + " HTTP/" + std::to_string(version);
  }
  void on_response_impl(int, string_view, int, error&) override {}
  void on_field_impl(http::field, string_view, string_view, error&) override {}
  void on_header_impl(error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error&) override {}
  std::size_t on_body_impl(string_view piece, error&) override {
    body.append(plain(piece));
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view piece, error&) override {
    body.append(plain(piece));
    return piece.size();
  }
  void on_finish_impl(error&) override {}
};

// `stream` is exactly one request of ours, without the empty line that may stand before it.
void compare(std::string_view stream, hubbub::request_reader& reader) {
  second_opinion other;
  other.eager(true);
  other.header_limit(64 * 1024);
  std::size_t at = 0;
  error failure;
  while (at < stream.size() && !other.is_done()) {
    const std::size_t used = other.put(boost::asio::buffer(stream.data() + at, stream.size() - at), failure);
    at += used;
    if (failure == http::error::need_more) break;
    if (failure) return;  // stricter than we are, which is no harm
    if (used == 0) break;
  }
  if (!other.is_done()) give_up("a request taken is whole for others too");
  if (at != stream.size()) give_up("a request ends where others see its end");
  const auto& request = reader.request();
  const std::string line = std::string(request.method()) + ' ' + std::string(request.target()) + " HTTP/" +
                           std::to_string(request.version());
  if (other.line != line) give_up("a request line is the same for others");
  if (other.body != request.body()) give_up("a body is the same for others");
}

void compare_all(std::string_view stream) {
  hubbub::request_reader reader;
  while (!stream.empty()) {
    std::size_t used = 0;
    if (reader.feed(stream.data(), stream.size(), used) != hubbub::request_reader::outcome::complete) return;
    std::string_view one = stream.substr(0, used);
    if (one.starts_with("\r\n")) one.remove_prefix(2);
    compare(one, reader);
    stream.remove_prefix(used);
    reader.reset();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
  const hubbub::http_limits limits{.max_head = 1024, .max_headers = 16, .max_body = 4096};

  const story::told whole = story::of(stream, {}, limits);
  const std::size_t first = data[0] % (stream.size() + 1);
  const std::size_t second = first + data[1] % (stream.size() - first + 1);
  if (!(story::of(stream, {first, second}, limits) == whole)) give_up("cutting a stream changes nothing");
  if (!(story::of(stream, story::byte_by_byte(stream), limits) == whole)) give_up("single bytes are read alike");
  compare_all(stream);
  return 0;
}
