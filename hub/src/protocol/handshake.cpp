// The hub handshake (hub-protocol.md section 2): one JSON object each way.
#include "hubbub/protocol/handshake.hpp"

#include <string>
#include <tuple>
#include <utility>

#include "json_reader.hpp"
#include "json_writer.hpp"

namespace hubbub::inline v0 {
namespace {

using namespace std::string_view_literals;

handshake_request refused(std::string problem) {
  handshake_request request;
  request.problem = std::move(problem);
  return request;
}

handshake_request broken() { return refused("JsonReaderException: The text is not valid JSON."); }

std::string_view token_name(value_kind kind, bool is_true) {
  switch (kind) {
    case value_kind::array: return "Array";
    case value_kind::string: return "String";
    case value_kind::null: return "Null";
    case value_kind::boolean: return is_true ? "True" : "False";
    default: return "Number";
  }
}

handshake_request no_object(json_reader& reader) {
  const value_kind kind = reader.peek();
  bool is_true = false;
  if (kind == value_kind::invalid) return broken();
  if (kind == value_kind::boolean) std::ignore = reader.read(is_true);
  if (kind == value_kind::string && !reader.skip()) return broken();
  return refused("InvalidDataException: Unexpected JSON Token Type '" + std::string(token_name(kind, is_true)) +
                 "'. Expected a JSON Object.");
}

handshake_request lacks(std::string_view property, bytes_view encoded) {
  return refused("InvalidDataException: Missing required property '" + std::string(property) +
                 "'. Message content: " + std::string(encoded));
}

}  // namespace

handshake_request parse_handshake_request(bytes_view encoded) {
  json_reader reader(encoded);
  if (!reader.enter_object()) return no_object(reader);
  handshake_request request;
  bool has_protocol = false;
  bool has_version = false;
  std::string_view key;
  while (reader.next_member(key)) {
    if (key == "protocol"sv) {
      const value_kind kind = reader.peek();
      if (kind == value_kind::invalid) return broken();
      if (kind != value_kind::string) return refused("InvalidDataException: Expected 'protocol' to be of type String.");
      has_protocol = true;
      if (!reader.read(request.protocol)) {
        return reader.ok() ? refused("InvalidOperationException: The 'protocol' is not valid text.") : broken();
      }
    } else if (key == "version"sv) {
      const value_kind kind = reader.peek();
      if (kind == value_kind::invalid) return broken();
      has_version = kind != value_kind::null;  // null counts as absent
      if (!has_version) {
        if (!reader.read_null()) return broken();
        continue;
      }
      if (kind != value_kind::integer && kind != value_kind::number) {
        return refused("InvalidDataException: Expected 'version' to be of type Number.");
      }
      if (!reader.read(request.version) || request.version != static_cast<std::int32_t>(request.version)) {
        return refused(
            "FormatException: Either the JSON value is not in a supported format, or is out of bounds for an Int32.");
      }
    } else if (!reader.skip()) {
      return broken();
    }
  }
  if (!reader.ok()) return broken();
  if (!has_protocol) return lacks("protocol", encoded);
  if (!has_version) return lacks("version", encoded);
  request.valid = true;
  return request;
}

void write_handshake_response(wire_buffer& out) { out.put("{}\x1e"sv); }

void write_handshake_error(wire_buffer& out, std::string_view error) {
  out.put(R"({"error":)"sv);
  write_json_string(out, error);
  out.put("}\x1e"sv);
}

void write_handshake_request(wire_buffer& out, std::string_view protocol, int version) {
  out.put(R"({"protocol":)"sv);
  write_json_string(out, protocol);
  out.put(R"(,"version":)"sv);
  json_writer writer(out);
  writer.write(static_cast<std::int64_t>(version));
  out.put("}\x1e"sv);
}

}  // namespace hubbub::inline v0
