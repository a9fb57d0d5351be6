// The messages of the hub protocol as they are received: an envelope with views into the received bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/core/bytes.hpp"

namespace hubbub::inline v0 {

/// Message types of hub-protocol.md section 3; the numbers are those on the wire.
enum class message_type : std::uint8_t {
  unknown = 0,
  invocation = 1,
  stream_item = 2,
  completion = 3,
  stream_invocation = 4,
  cancel_invocation = 5,
  ping = 6,
  close = 7,
  ack = 8,
  sequence = 9,
};

/// One received message. Views point into the received bytes or into `scratch`; they die with either.
/// Reused from message to message by its owner (one shard), so that its storage is allocated once.
struct hub_message {
  message_type type = message_type::unknown;
  bool has_invocation_id = false;  ///< false when absent or empty on an invocation
  bool has_result = false;         ///< completion: `value` is the result
  bool has_error = false;          ///< completion and close: `error` was there
  bool allow_reconnect = false;    ///< close
  std::string_view invocation_id;  ///< unescaped
  std::string_view target;         ///< unescaped, as the client spelled it
  std::string_view error;          ///< unescaped
  bytes_view value;    ///< encoded: the arguments array, the item or the result; in MessagePack perhaps malformed
  bytes_view headers;  ///< encoded: the headers of types 1 to 5; empty when there are none
  std::int64_t sequence_id = 0;
  std::vector<std::string> stream_ids;
  std::string scratch[3];                                  ///< unescaped id, target, error where the wire had escapes
  std::string_view problem_type = "InvalidDataException";  ///< kind of failure, as detailed errors name it; static text
  std::string problem;  ///< why parsing failed (what follows `<problem_type>: `); for log and detailed errors

  /// Forgets the message before; codecs begin with it. Storage is kept.
  void clear() noexcept {
    type = message_type::unknown;
    has_invocation_id = has_result = has_error = allow_reconnect = false;
    invocation_id = target = error = value = headers = {};
    sequence_id = 0;
    stream_ids.clear();
  }
};

/// What parsing found.
enum class parse_status : std::uint8_t {
  message,  ///< `hub_message` is filled
  skip,     ///< a message of a type unknown here: to be ignored (hub-protocol.md 3)
  fatal,    ///< breaks the protocol: `problem` says why; the connection ends with Close
};

}  // namespace hubbub::inline v0
