// Feeds bytes to a request_reader in pieces and tells what it made of them, so that stories can be compared.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_reader.hpp"

namespace story {

/// What a reader made of a stream: requests it took whole, and how the rest ended.
struct told {
  std::vector<std::string> requests;  ///< `GET /path HTTP/11 [body]`
  int refused = 0;                    ///< status of the refusal, 0 for none
  std::string reason;
  bool waits = false;                                            ///< bytes of a request are there, its end is missing
  std::size_t waited = 0;                                        ///< times the reader asked for `100 Continue`
  friend bool operator==(const told& left, const told& right) {  // how often it asked depends on the cutting
    return left.requests == right.requests && left.refused == right.refused && left.reason == right.reason &&
           left.waits == right.waits;
  }
};

/// Reads `stream`, fed in pieces that end at `cuts` (ascending) and at its end.
inline told of(std::string_view stream, const std::vector<std::size_t>& cuts = {},
               const hubbub::http_limits& limits = {}) {
  using outcome = hubbub::request_reader::outcome;
  told result;
  hubbub::request_reader reader(limits);
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t end = i < cuts.size() ? std::min(cuts[i], stream.size()) : stream.size();
    const std::string piece(stream.substr(begin, end - begin));  // a copy of its own: reading past it is a finding
    begin = end;
    std::size_t at = 0;
    while (at < piece.size()) {
      std::size_t used = 0;
      const outcome now = reader.feed(piece.data() + at, piece.size() - at, used);
      at += used;
      if (now == outcome::expect_continue) ++result.waited;
      if (now == outcome::failed) {
        result.refused = reader.status();
        result.reason = reader.reason();
        return result;
      }
      if (now != outcome::complete) continue;
      const auto& request = reader.request();
      result.requests.push_back(std::string(request.method()) + ' ' + std::string(request.target()) + " HTTP/" +
                                std::to_string(request.version()) + " [" + std::string(request.body()) + "]" +
                                (reader.keep_alive() ? "" : " close") + (reader.upgrade() ? " upgrade" : ""));
      reader.reset();
    }
  }
  result.waits = reader.started();
  return result;
}

/// Cuts behind every byte.
inline std::vector<std::size_t> byte_by_byte(std::string_view stream) {
  std::vector<std::size_t> cuts;
  for (std::size_t at = 1; at < stream.size(); ++at) cuts.push_back(at);
  return cuts;
}

}  // namespace story
