// The hub protocol port: how messages become bytes. Stateless codecs implement it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "hubbub/core/bytes.hpp"
#include "hubbub/core/function_ref.hpp"
#include "hubbub/core/wire_buffer.hpp"
#include "hubbub/protocol/hub_message.hpp"
#include "hubbub/protocol/value_reader.hpp"
#include "hubbub/protocol/value_writer.hpp"

namespace hubbub::inline v0 {

/// Text goes out in text frames and over Server-Sent Events, binary does not.
enum class transfer_format : std::uint8_t { text, binary };

/// Where a whole message lies in received bytes.
struct message_cut {
  enum class outcome : std::uint8_t { whole, incomplete, malformed, too_large };
  outcome found = outcome::incomplete;
  std::size_t begin = 0;  ///< first byte of the message without framing
  std::size_t size = 0;   ///< its bytes without framing
  std::size_t used = 0;   ///< bytes of input that it takes with framing
};

/// Writes arguments, an item or a result through the writer it is given.
using write_values = function_ref<void(value_writer&)>;

/// A codec: stateless, immutable, used by all shards at once.
class hub_protocol {
 public:
  virtual ~hub_protocol() = default;

  /// `json` or `messagepack`: the name clients ask for in their handshake.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// Text or binary frames.
  [[nodiscard]] virtual transfer_format format() const noexcept = 0;

  /// Finds the first whole message in `received`. `scanned` starts at 0 and carries over, for the same unfinished
  /// message, how far the search has come. A message above `limit` bytes (framing included; 0 = no limit) is too_large.
  [[nodiscard]] virtual message_cut cut(bytes_view received, std::size_t& scanned, std::size_t limit) const = 0;
  /// Parses one message without framing. `message` is overwritten; its views point into `encoded`.
  [[nodiscard]] virtual parse_status parse(bytes_view encoded, hub_message& message) const = 0;
  /// Calls `use` with a reader over `encoded` (a slice that `parse` gave): the reader lives on the stack of this call.
  virtual void with_reader(bytes_view encoded, function_ref<void(value_reader&)> use) const = 0;

  /// Appends an Invocation, framing included; an empty id means none. `arguments` writes exactly `count` values. Like
  /// the other functions that write values it throws what their writer throws, and nothing was appended then.
  virtual void write_invocation(wire_buffer& out, std::string_view invocation_id, std::string_view target,
                                std::size_t count, write_values arguments) const = 0;
  /// Appends a StreamItem.
  virtual void write_stream_item(wire_buffer& out, std::string_view invocation_id, write_values item) const = 0;
  /// Appends a Completion with the one value that `result` writes.
  virtual void write_completion(wire_buffer& out, std::string_view invocation_id, write_values result) const = 0;
  /// Appends a Completion with a null result: how a method without a result ends (hub-protocol.md 6.1).
  virtual void write_null_completion(wire_buffer& out, std::string_view invocation_id) const = 0;
  /// Appends a Completion without a result: how a stream ends.
  virtual void write_void_completion(wire_buffer& out, std::string_view invocation_id) const = 0;
  /// Appends a Completion with an error text.
  virtual void write_error_completion(wire_buffer& out, std::string_view invocation_id,
                                      std::string_view error) const = 0;
  /// Appends a CancelInvocation.
  virtual void write_cancel(wire_buffer& out, std::string_view invocation_id) const = 0;
  /// Appends a Ping.
  virtual void write_ping(wire_buffer& out) const = 0;
  /// Appends a Close; `error` empty means none. In JSON `allowReconnect` is written only when true.
  virtual void write_close(wire_buffer& out, std::string_view error, bool allow_reconnect) const = 0;
  /// Appends an Ack: everything up to that number has arrived (hub-protocol.md 10.3).
  virtual void write_ack(wire_buffer& out, std::int64_t sequence_id) const = 0;
  /// Appends a Sequence: the number of the next message that is sent (hub-protocol.md 10.4).
  virtual void write_sequence(wire_buffer& out, std::int64_t sequence_id) const = 0;
};

/// The JSON hub protocol (hub-protocol.md section 4): one immutable object for the whole process.
[[nodiscard]] const hub_protocol& json_hub_protocol() noexcept;
/// The MessagePack hub protocol (hub-protocol.md section 5): one immutable object for the whole process.
[[nodiscard]] const hub_protocol& messagepack_hub_protocol() noexcept;

}  // namespace hubbub::inline v0
