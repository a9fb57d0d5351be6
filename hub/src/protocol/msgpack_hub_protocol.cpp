// The MessagePack hub protocol (hub-protocol.md section 5): framing and the messages that go out.
//
//   length of the message: 7 bits per byte, the lowest first, the high bit says that more follow; then the message
#include <cstring>
#include <limits>
#include <stdexcept>

#include "hubbub/protocol/hub_protocol.hpp"
#include "msgpack_envelope.hpp"
#include "msgpack_format.hpp"
#include "msgpack_reader.hpp"
#include "msgpack_writer.hpp"

namespace hubbub::inline v0 {
namespace {

// Arguments, items and results stand one or more containers deep in their message: the message itself is the first.
constexpr unsigned depth_of_values = 1;
constexpr std::size_t longest_prefix = 5;
constexpr std::size_t largest_message = std::numeric_limits<std::int32_t>::max();
// Kinds of outcome in a completion.
constexpr unsigned with_error = 1;
constexpr unsigned without_result = 2;
constexpr unsigned with_result = 3;

class msgpack_protocol final : public hub_protocol {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "messagepack"; }
  [[nodiscard]] transfer_format format() const noexcept override { return transfer_format::binary; }
  [[nodiscard]] message_cut cut(bytes_view received, std::size_t& scanned, std::size_t limit) const override;
  [[nodiscard]] parse_status parse(bytes_view encoded, hub_message& message) const override {
    return parse_msgpack_envelope(encoded, message);
  }
  void with_reader(bytes_view encoded, function_ref<void(value_reader&)> use) const override {
    msgpack_reader reader(encoded, depth_of_values);
    use(reader);
  }
  void write_invocation(wire_buffer& out, std::string_view invocation_id, std::string_view target, std::size_t count,
                        write_values arguments) const override;
  void write_stream_item(wire_buffer& out, std::string_view invocation_id, write_values item) const override;
  void write_completion(wire_buffer& out, std::string_view invocation_id, write_values result) const override;
  void write_null_completion(wire_buffer& out, std::string_view invocation_id) const override;
  void write_void_completion(wire_buffer& out, std::string_view invocation_id) const override;
  void write_error_completion(wire_buffer& out, std::string_view invocation_id, std::string_view error) const override;
  void write_cancel(wire_buffer& out, std::string_view invocation_id) const override;
  void write_ping(wire_buffer& out) const override;
  void write_close(wire_buffer& out, std::string_view error, bool allow_reconnect) const override;
  void write_ack(wire_buffer& out, std::int64_t sequence_id) const override;
  void write_sequence(wire_buffer& out, std::int64_t sequence_id) const override;
};

// `scanned` is not needed: a length is found at once or not at all.
message_cut msgpack_protocol::cut(bytes_view received, std::size_t& /*scanned*/, std::size_t limit) const {
  message_cut result;
  std::uint64_t size = 0;
  std::size_t prefix = 0;
  for (bool more = true; more; ++prefix) {
    if (prefix == received.size()) return result;
    const auto byte = static_cast<unsigned char>(received[prefix]);
    more = (byte & 0x80U) != 0;
    size |= std::uint64_t{byte & 0x7fU} << (7 * prefix);
    if (prefix + 1 == longest_prefix && (more || size > largest_message)) {
      result.found = message_cut::outcome::malformed;
      return result;
    }
  }
  if (limit != 0 && prefix + size > limit) {
    result.found = message_cut::outcome::too_large;  // as its sender says: the bytes need not come first
  } else if (received.size() - prefix >= size) {
    result.found = message_cut::outcome::whole;
    result.begin = prefix;
    result.size = static_cast<std::size_t>(size);
    result.used = prefix + result.size;
  }
  return result;
}

// A message while it is written: one byte is left for its length, and more are made when that turns out to be longer.
// What was begun is taken back unless `finish` is reached.
class open_message {
 public:
  explicit open_message(wire_buffer& out, unsigned elements, message_type type) : out_(out), begin_(out.size()) {
    char* at = out.room(4);
    *at++ = 0;
    *at++ = static_cast<char>(msgpack::fixarray | elements);
    *at++ = static_cast<char>(type);
    out.wrote(3);
  }
  open_message(const open_message&) = delete;
  open_message& operator=(const open_message&) = delete;
  ~open_message() {
    if (!finished_) out_.truncate(begin_);
  }

  // Empty headers, and the id.
  open_message& of(std::string_view invocation_id) {
    out_.put(static_cast<char>(msgpack::fixmap));
    msgpack_writer writer(out_);
    if (invocation_id.empty()) {
      writer.write_null();
    } else {
      writer.write(invocation_id);
    }
    return *this;
  }
  open_message& byte(unsigned code) {
    out_.put(static_cast<char>(static_cast<unsigned char>(code)));
    return *this;
  }

  void finish() {
    const std::size_t size = out_.size() - begin_ - 1;
    if (size > largest_message) throw std::length_error("a message is larger than 2 GiB");
    std::size_t prefix = 1;
    for (std::size_t rest = size >> 7; rest != 0; rest >>= 7) ++prefix;
    if (prefix > 1) {
      out_.room(prefix - 1);
      char* const body = out_.data() + begin_ + 1;
      std::memmove(body + prefix - 1, body, size);
      out_.wrote(prefix - 1);
    }
    char* at = out_.data() + begin_;
    std::size_t rest = size;
    for (; rest >= 0x80; rest >>= 7) *at++ = static_cast<char>(static_cast<unsigned char>(rest | 0x80));
    *at = static_cast<char>(rest);
    finished_ = true;
  }

 private:
  wire_buffer& out_;
  std::size_t begin_;
  bool finished_ = false;
};

void msgpack_protocol::write_invocation(wire_buffer& out, std::string_view invocation_id, std::string_view target,
                                        std::size_t count, write_values arguments) const {
  open_message message(out, 6, message_type::invocation);
  message.of(invocation_id);
  msgpack_writer writer(out);
  writer.write(target);
  writer.begin_array(count);
  arguments(writer);
  message.byte(msgpack::fixarray).finish();  // no streams
}

void msgpack_protocol::write_stream_item(wire_buffer& out, std::string_view invocation_id, write_values item) const {
  open_message message(out, 4, message_type::stream_item);
  message.of(invocation_id);
  msgpack_writer writer(out);
  item(writer);
  message.finish();
}

void msgpack_protocol::write_completion(wire_buffer& out, std::string_view invocation_id, write_values result) const {
  open_message message(out, 5, message_type::completion);
  message.of(invocation_id).byte(with_result);
  msgpack_writer writer(out);
  result(writer);
  message.finish();
}

void msgpack_protocol::write_null_completion(wire_buffer& out, std::string_view invocation_id) const {
  open_message message(out, 5, message_type::completion);
  message.of(invocation_id).byte(with_result).byte(msgpack::nil).finish();
}

void msgpack_protocol::write_void_completion(wire_buffer& out, std::string_view invocation_id) const {
  open_message message(out, 4, message_type::completion);
  message.of(invocation_id).byte(without_result).finish();
}

void msgpack_protocol::write_error_completion(wire_buffer& out, std::string_view invocation_id,
                                              std::string_view error) const {
  open_message message(out, 5, message_type::completion);
  message.of(invocation_id).byte(with_error);
  msgpack_writer(out).write(error);
  message.finish();
}

void msgpack_protocol::write_cancel(wire_buffer& out, std::string_view invocation_id) const {
  open_message message(out, 3, message_type::cancel_invocation);
  message.of(invocation_id).finish();
}

void msgpack_protocol::write_ping(wire_buffer& out) const { open_message(out, 1, message_type::ping).finish(); }

void msgpack_protocol::write_close(wire_buffer& out, std::string_view error, bool allow_reconnect) const {
  open_message message(out, 3, message_type::close);
  msgpack_writer writer(out);
  if (error.empty()) {
    writer.write_null();
  } else {
    writer.write(error);
  }
  writer.write(allow_reconnect);
  message.finish();
}

void msgpack_protocol::write_ack(wire_buffer& out, std::int64_t sequence_id) const {
  open_message message(out, 2, message_type::ack);
  msgpack_writer(out).write(sequence_id);
  message.finish();
}

void msgpack_protocol::write_sequence(wire_buffer& out, std::int64_t sequence_id) const {
  open_message message(out, 2, message_type::sequence);
  msgpack_writer(out).write(sequence_id);
  message.finish();
}

}  // namespace

const hub_protocol& messagepack_hub_protocol() noexcept {
  static const msgpack_protocol protocol;
  return protocol;
}

}  // namespace hubbub::inline v0
