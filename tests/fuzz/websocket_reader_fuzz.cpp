// Fuzzes the WebSocket reader. The first byte chooses a message limit, the next two where the stream is cut, the rest
// is the stream. Promises checked: cutting changes nothing, text that is handed out is UTF-8, nothing exceeds the
// limit, and what is read survives being framed and read again.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "../unit/transports/websocket_story.hpp"
#include "websocket/utf8_check.hpp"

namespace {

[[noreturn]] void give_up(const char* promise, const std::string& what = "") {
  std::fprintf(stderr, "broken promise: %s %s\n", promise, what.c_str());
  std::abort();
}

// The payload of a line such as `text "..."`.
std::string_view payload_of(std::string_view line) {
  const std::size_t quote = line.find('"');
  return line.substr(quote + 1, line.size() - quote - 2);
}

// The frames of a client that sends what was read.
std::string framed_again(const std::vector<std::string>& told) {
  std::string stream;
  for (const std::string& line : told) {
    if (line.starts_with("text")) stream += story::frame(0x81, payload_of(line));
    if (line.starts_with("binary")) stream += story::frame(0x82, payload_of(line));
    if (line.starts_with("ping")) stream += story::frame(0x89, payload_of(line));
    if (line.starts_with("pong")) stream += story::frame(0x8a, payload_of(line));
    if (line.starts_with("close 1005")) {
      stream += story::frame(0x88, "");
    } else if (line.starts_with("close")) {
      const auto code = static_cast<unsigned>(std::atoi(line.c_str() + 6));
      stream += story::frame(0x88, story::close_payload(code, payload_of(line)));
    }
  }
  return stream;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::uint32_t limit = data[0] < 128 ? 0 : data[0];
  const std::string_view stream(reinterpret_cast<const char*>(data) + 3, size - 3);

  std::vector<std::string> whole = story::read(stream, {}, limit);
  const std::size_t first = data[1] % (stream.size() + 1);
  const std::size_t second = first + data[2] % (stream.size() - first + 1);
  std::vector<std::size_t> everywhere;
  for (std::size_t cut = 1; cut < stream.size(); ++cut) everywhere.push_back(cut);
  if (story::read(stream, {first, second}, limit) != whole) give_up("cutting a stream changes nothing");
  if (story::read(stream, everywhere, limit) != whole) give_up("single bytes are read alike");

  for (const std::string& line : whole) {
    if (line == "WRONG FLAGS" || line == "LEFT BYTES") give_up("pieces follow one another", line);
    const bool text = line.starts_with("text");
    if (text && hubbub::utf8_check(hubbub::utf8_start, payload_of(line)) != hubbub::utf8_start) {
      give_up("text is UTF-8", line);
    }
    if (limit != 0 && (text || line.starts_with("binary")) && payload_of(line).size() > limit) {
      give_up("messages keep the limit", line);
    }
  }
  if (!whole.empty() && (whole.back().starts_with("failed") || whole.back().starts_with("begun"))) whole.pop_back();
  if (story::read(framed_again(whole)) != whole) give_up("what was read can be sent and read again");
  return 0;
}
