// The messages that only clients send: calls, with their streams (hub-protocol.md 4 and 5).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/core/wire_buffer.hpp"
#include "hubbub/hub/message_headers.hpp"
#include "hubbub/protocol/hub_message.hpp"
#include "hubbub/protocol/hub_protocol.hpp"

namespace hubbub::inline v0::testing::detail {

/// A call without its arguments.
struct call_head {
  message_type type = message_type::invocation;  ///< or stream_invocation
  std::string_view id;                           ///< empty: none
  std::string_view target;
  const std::vector<std::string>& streams;
  const std::vector<message_headers::header>& headers;
};

/// Appends a call, framing included. Throws what the writer of the arguments throws.
void write_call(wire_buffer& out, const hub_protocol& protocol, const call_head& head, std::size_t count,
                write_values arguments);

}  // namespace hubbub::inline v0::testing::detail
