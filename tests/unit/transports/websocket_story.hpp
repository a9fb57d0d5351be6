// Frames as a client sends them, and what a websocket_reader makes of a stream however it is cut.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/connection/frame_header.hpp"
#include "websocket/websocket_reader.hpp"

namespace story {

/// A masked frame. The first byte is given as it is: 0x81 is a whole text message.
inline std::string frame(unsigned first_byte, std::string_view payload, std::uint32_t mask = 0x12f4567a) {
  char header[hubbub::max_frame_header];
  const std::size_t size = hubbub::write_frame_header(header, hubbub::frame_opcode::text, payload.size());
  header[0] = static_cast<char>(first_byte);
  header[1] = static_cast<char>(header[1] | 0x80);
  std::string out(header, size);
  const char keys[4] = {static_cast<char>(mask >> 24), static_cast<char>(mask >> 16), static_cast<char>(mask >> 8),
                        static_cast<char>(mask)};
  out.append(keys, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ keys[i & 3]);
  return out;
}

/// The payload of a close frame.
inline std::string close_payload(unsigned code, std::string_view reason = "") {
  std::string out{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return out.append(reason);
}

/// What was read: `text "..."`, `binary "..."`, `ping "..."`, `pong "..."`, `close 1000 "..."`, `begun text "..."` for
/// a message without its end. A failure ends it: `failed 1002`. What came before a failure in the same message is left
/// out: how much of it was handed out depends on the cutting.
inline std::vector<std::string> read(std::string_view stream, const std::vector<std::size_t>& cuts = {},
                                     std::uint32_t max_message = 0) {
  using hubbub::websocket_event;
  std::vector<std::string> told;
  hubbub::websocket_reader reader(max_message);
  std::string message;
  bool open = false;
  bool text = false;
  std::size_t begin = 0;
  const auto quoted = [](std::string_view payload) { return " \"" + std::string(payload) + '"'; };
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t end = i < cuts.size() ? std::min(cuts[i], stream.size()) : stream.size();
    std::string piece(stream.substr(begin, end - begin));  // a copy of its own, to be unmasked
    begin = end;
    char* at = piece.data();
    websocket_event event;
    while (reader.next(at, piece.data() + piece.size(), event)) {
      switch (event.what) {
        case websocket_event::kind::data:
          if (event.first == open || (open && event.text != text)) told.push_back("WRONG FLAGS");
          if (event.first) message.clear();
          message.append(event.payload);
          text = event.text;
          open = !event.last;
          if (event.last) told.push_back((text ? "text" : "binary") + quoted(message));
          break;
        case websocket_event::kind::ping: told.push_back("ping" + quoted(event.payload)); break;
        case websocket_event::kind::pong: told.push_back("pong" + quoted(event.payload)); break;
        case websocket_event::kind::close:
          told.push_back("close " + std::to_string(event.code) + quoted(event.payload));
          break;
      }
    }
    if (at != piece.data() + piece.size() && !reader.failed()) told.push_back("LEFT BYTES");
  }
  if (reader.failed()) {
    told.push_back("failed " + std::to_string(reader.close_code()));
  } else if (open && !reader.closed()) {
    told.push_back((text ? "begun text" : "begun binary") + quoted(message));
  }
  return told;
}

}  // namespace story
