// Messages as events of an event stream (transports.md 7), and such events as chunks of an HTTP/1.1 body.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

#include "hubbub/core/bytes.hpp"

namespace hubbub::inline v0 {

/// In front of each line of an event; .NET clients up to 9 want exactly this.
inline constexpr std::string_view event_line_start = "data: ";
/// Behind a line, and once more behind the last one.
inline constexpr std::string_view event_line_end = "\r\n";
/// No head of a chunk is longer: eight hexadecimal digits and a line end.
inline constexpr std::size_t max_chunk_head = 10;

/// Writes the size line of a chunk to `room` (at least `max_chunk_head` bytes); returns its length. `size` is below
/// 4 GiB.
inline std::size_t write_chunk_head(char* room, std::size_t size) noexcept {
  char* const end = std::to_chars(room, room + 8, size, 16).ptr;
  end[0] = '\r';
  end[1] = '\n';
  return static_cast<std::size_t>(end - room) + 2;
}

/// Calls `take(piece)` for the pieces of the event that carries `payload`: a line feed in it ends a line of the event,
/// and a carriage return in front of that is dropped. Hub messages in JSON have none, so as a rule it is one line.
template <class Take>
void each_piece_of_event(bytes_view payload, Take&& take) {
  for (;;) {
    const std::size_t end = payload.find('\n');
    bytes_view line = payload.substr(0, end);
    if (end != bytes_view::npos && line.ends_with('\r')) line.remove_suffix(1);
    take(bytes_view(event_line_start));
    take(line);
    take(bytes_view(event_line_end));
    if (end == bytes_view::npos) break;
    payload.remove_prefix(end + 1);
  }
  take(bytes_view(event_line_end));
}

}  // namespace hubbub::inline v0
