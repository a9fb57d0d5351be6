// Writing calls as clients do.
#include "call_message.hpp"

#include <cstdint>

#include "../protocol/json_writer.hpp"
#include "../protocol/msgpack_writer.hpp"
#include "hubbub/protocol/handshake.hpp"

namespace hubbub::inline v0::testing::detail {
namespace {

using namespace std::string_view_literals;

void write_ids(value_writer& writer, const std::vector<std::string>& ids) {
  writer.begin_array(ids.size());
  for (const std::string& one : ids) writer.write(std::string_view(one));
  writer.end_array();
}

void write_headers(value_writer& writer, const std::vector<message_headers::header>& headers) {
  writer.begin_object(headers.size());
  for (const auto& [name, value] : headers) {
    writer.key(name);
    writer.write(std::string_view(value));
  }
  writer.end_object();
}

void write_json(wire_buffer& out, const call_head& head, std::size_t count, write_values arguments) {
  json_writer writer(out);
  writer.begin_object(0);
  writer.key("type"sv);
  writer.write(static_cast<std::int64_t>(head.type));
  if (!head.headers.empty()) {
    writer.key("headers"sv);
    write_headers(writer, head.headers);
  }
  if (!head.id.empty()) {
    writer.key("invocationId"sv);
    writer.write(head.id);
  }
  writer.key("target"sv);
  writer.write(head.target);
  if (!head.streams.empty()) {
    writer.key("streamIds"sv);
    write_ids(writer, head.streams);
  }
  writer.key("arguments"sv);
  writer.begin_array(count);
  arguments(writer);
  writer.end_array();
  writer.end_object();
  out.put(record_separator);
}

void write_packed(wire_buffer& out, const call_head& head, std::size_t count, write_values arguments) {
  wire_buffer body;
  msgpack_writer writer(body);
  writer.begin_array(6);
  writer.write(static_cast<std::int64_t>(head.type));
  write_headers(writer, head.headers);
  if (head.id.empty()) {
    writer.write_null();
  } else {
    writer.write(head.id);
  }
  writer.write(head.target);
  writer.begin_array(count);
  arguments(writer);
  write_ids(writer, head.streams);
  std::size_t rest = body.size();
  for (; rest > 0x7f; rest >>= 7) out.put(static_cast<char>(static_cast<unsigned char>(rest | 0x80)));
  out.put(static_cast<char>(rest));
  out.put(body.view());
}

}  // namespace

void write_call(wire_buffer& out, const hub_protocol& protocol, const call_head& head, std::size_t count,
                write_values arguments) {
  if (protocol.format() == transfer_format::text) {
    write_json(out, head, count, arguments);
  } else {
    write_packed(out, head, count, arguments);
  }
}

}  // namespace hubbub::inline v0::testing::detail
