// The JSON hub protocol (hub-protocol.md section 4): framing and the messages that go out.
#include <cstring>

#include "hubbub/protocol/handshake.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "json_envelope.hpp"
#include "json_reader.hpp"
#include "json_writer.hpp"

namespace hubbub::inline v0 {
namespace {

using namespace std::string_view_literals;

// Arguments, items and results stand one or more containers deep in their message: the message itself is the first.
constexpr unsigned depth_of_values = 1;

class json_protocol final : public hub_protocol {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "json"; }
  [[nodiscard]] transfer_format format() const noexcept override { return transfer_format::text; }
  [[nodiscard]] message_cut cut(bytes_view received, std::size_t& scanned, std::size_t limit) const override;
  [[nodiscard]] parse_status parse(bytes_view encoded, hub_message& message) const override {
    return parse_json_envelope(encoded, message);
  }
  void with_reader(bytes_view encoded, function_ref<void(value_reader&)> use) const override {
    json_reader reader(encoded, depth_of_values);
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

message_cut json_protocol::cut(bytes_view received, std::size_t& scanned, std::size_t limit) const {
  message_cut result;
  const std::size_t reach = limit != 0 && received.size() > limit ? limit : received.size();
  if (scanned < reach) {
    const void* found = std::memchr(received.data() + scanned, record_separator, reach - scanned);
    if (found != nullptr) {
      scanned = 0;
      result.found = message_cut::outcome::whole;
      result.size = static_cast<std::size_t>(static_cast<const char*>(found) - received.data());
      result.used = result.size + 1;
      return result;
    }
    scanned = reach;
  }
  if (received.size() > reach) result.found = message_cut::outcome::too_large;
  return result;
}

// Throws nothing of its own: when a value cannot be written, what was begun is taken back before the error goes on.
template <class Write>
void write_whole(wire_buffer& out, Write&& write) {
  const std::size_t before = out.size();
  try {
    write();
  } catch (...) {
    out.truncate(before);
    throw;
  }
}

void json_protocol::write_invocation(wire_buffer& out, std::string_view invocation_id, std::string_view target,
                                     std::size_t /*count*/, write_values arguments) const {
  write_whole(out, [&] {
    out.put(R"({"type":1,)"sv);
    if (!invocation_id.empty()) {
      out.put(R"("invocationId":)"sv);
      write_json_string(out, invocation_id);
      out.put(',');
    }
    out.put(R"("target":)"sv);
    write_json_string(out, target);
    out.put(R"(,"arguments":[)"sv);
    json_writer writer(out);
    arguments(writer);
    out.put("]}\x1e"sv);
  });
}

void json_protocol::write_stream_item(wire_buffer& out, std::string_view invocation_id, write_values item) const {
  write_whole(out, [&] {
    out.put(R"({"type":2,"invocationId":)"sv);
    write_json_string(out, invocation_id);
    out.put(R"(,"item":)"sv);
    json_writer writer(out);
    item(writer);
    out.put("}\x1e"sv);
  });
}

void json_protocol::write_completion(wire_buffer& out, std::string_view invocation_id, write_values result) const {
  write_whole(out, [&] {
    out.put(R"({"type":3,"invocationId":)"sv);
    write_json_string(out, invocation_id);
    out.put(R"(,"result":)"sv);
    json_writer writer(out);
    result(writer);
    out.put("}\x1e"sv);
  });
}

void json_protocol::write_null_completion(wire_buffer& out, std::string_view invocation_id) const {
  out.put(R"({"type":3,"invocationId":)"sv);
  write_json_string(out, invocation_id);
  out.put(",\"result\":null}\x1e"sv);
}

void json_protocol::write_void_completion(wire_buffer& out, std::string_view invocation_id) const {
  out.put(R"({"type":3,"invocationId":)"sv);
  write_json_string(out, invocation_id);
  out.put("}\x1e"sv);
}

void json_protocol::write_error_completion(wire_buffer& out, std::string_view invocation_id,
                                           std::string_view error) const {
  out.put(R"({"type":3,"invocationId":)"sv);
  write_json_string(out, invocation_id);
  out.put(R"(,"error":)"sv);
  write_json_string(out, error);
  out.put("}\x1e"sv);
}

void json_protocol::write_cancel(wire_buffer& out, std::string_view invocation_id) const {
  out.put(R"({"type":5,"invocationId":)"sv);
  write_json_string(out, invocation_id);
  out.put("}\x1e"sv);
}

void json_protocol::write_ping(wire_buffer& out) const { out.put("{\"type\":6}\x1e"sv); }

void json_protocol::write_close(wire_buffer& out, std::string_view error, bool allow_reconnect) const {
  out.put(R"({"type":7)"sv);
  if (!error.empty()) {
    out.put(R"(,"error":)"sv);
    write_json_string(out, error);
  }
  if (allow_reconnect) out.put(R"(,"allowReconnect":true)"sv);
  out.put("}\x1e"sv);
}

void json_protocol::write_ack(wire_buffer& out, std::int64_t sequence_id) const {
  out.put(R"({"type":8,"sequenceId":)"sv);
  json_writer(out).write(sequence_id);
  out.put("}\x1e"sv);
}

void json_protocol::write_sequence(wire_buffer& out, std::int64_t sequence_id) const {
  out.put(R"({"type":9,"sequenceId":)"sv);
  json_writer(out).write(sequence_id);
  out.put("}\x1e"sv);
}

}  // namespace

const hub_protocol& json_hub_protocol() noexcept {
  static const json_protocol protocol;
  return protocol;
}

}  // namespace hubbub::inline v0
