// The hub handshake (hub-protocol.md section 2): always JSON and a record separator, before any hub protocol.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hubbub/core/bytes.hpp"
#include "hubbub/core/wire_buffer.hpp"

namespace hubbub::inline v0 {

/// The byte that ends a handshake message and every message of the JSON hub protocol.
inline constexpr char record_separator = '\x1e';

/// What a client asked for, or why its request could not be read.
struct handshake_request {
  bool valid = false;
  std::string protocol;      ///< as sent; compared without regard to case
  std::int64_t version = 0;  ///< any integer up to 2 passes
  std::string
      problem;  ///< when not valid: detail text, e.g. `InvalidDataException: Missing required property 'protocol'. ...`
};

/// Parses a handshake request without its record separator.
[[nodiscard]] handshake_request parse_handshake_request(bytes_view encoded);
/// Appends `{}` and the separator.
void write_handshake_response(wire_buffer& out);
/// Appends `{"error":"..."}` and the separator.
void write_handshake_error(wire_buffer& out, std::string_view error);
/// Appends a handshake request, for clients.
void write_handshake_request(wire_buffer& out, std::string_view protocol, int version);

}  // namespace hubbub::inline v0
