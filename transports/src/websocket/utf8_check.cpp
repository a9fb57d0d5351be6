// The states of an unfinished character, each with the range its next byte must lie in (Unicode, table 3-7).
#include "websocket/utf8_check.hpp"

#include <cstddef>
#include <cstring>

namespace hubbub::inline v0 {

namespace {

enum state : std::uint8_t {
  start = utf8_start,
  one_more,            // 80..BF
  two_more,            // 80..BF, then one
  two_more_not_small,  // A0..BF after E0: shorter forms exist below
  two_more_no_half,    // 80..9F after ED: above are surrogates
  three_more,          // 80..BF, then two
  three_more_high,     // 90..BF after F0: shorter forms exist below
  three_more_low,      // 80..8F after F4: above lies nothing
  invalid = utf8_invalid,
};

state after_first(unsigned char byte) noexcept {
  if (byte < 0x80) return start;
  if (byte < 0xc2) return invalid;
  if (byte < 0xe0) return one_more;
  if (byte == 0xe0) return two_more_not_small;
  if (byte == 0xed) return two_more_no_half;
  if (byte < 0xf0) return two_more;
  if (byte == 0xf0) return three_more_high;
  if (byte < 0xf4) return three_more;
  if (byte == 0xf4) return three_more_low;
  return invalid;
}

state after_next(std::uint8_t before, unsigned char byte) noexcept {
  if (byte < 0x80 || byte > 0xbf) return invalid;
  switch (before) {
    case one_more: return start;
    case two_more: return one_more;
    case two_more_not_small: return byte >= 0xa0 ? one_more : invalid;
    case two_more_no_half: return byte <= 0x9f ? one_more : invalid;
    case three_more: return two_more;
    case three_more_high: return byte >= 0x90 ? two_more : invalid;
    case three_more_low: return byte <= 0x8f ? two_more : invalid;
    default: return invalid;
  }
}

}  // namespace

std::uint8_t utf8_check(std::uint8_t before, std::string_view piece) noexcept {
  const char* at = piece.data();
  const char* const end = at + piece.size();
  std::uint8_t now = before;
  while (at != end && now != invalid) {
    if (now == start) {
      while (end - at >= 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, at, 8);
        if ((eight & 0x8080808080808080u) != 0) break;
        at += 8;
      }
      while (at != end && static_cast<unsigned char>(*at) < 0x80) ++at;
      if (at == end) break;
      now = after_first(static_cast<unsigned char>(*at++));
    } else {
      now = after_next(now, static_cast<unsigned char>(*at++));
    }
  }
  return now;
}

}  // namespace hubbub::inline v0
