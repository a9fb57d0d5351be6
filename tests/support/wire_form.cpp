// From JSON objects to arrays of MessagePack and back (hub-protocol.md section 5).
#include "support/wire_form.hpp"

#include <vector>

#include "hubbub/protocol/handshake.hpp"

namespace hubbub_test {
namespace {

using hubbub::record_separator;
using nlohmann::json;

enum { invocation = 1, stream_item, completion, stream_invocation, cancel, ping, close, ack, sequence };

// Fields of a message by their position; what tests do not know they send as it is.
json array_of(const json& message) {
  const int type = message.at("type");
  json array = {type};
  if (type >= ping) {
    if (type == close) {
      array.push_back(message.value("error", json()));
      array.push_back(message.value("allowReconnect", false));
    } else if (type != ping) {
      array.push_back(message.value("sequenceId", json()));
    }
    return array;
  }
  array.push_back(message.value("headers", json::object()));
  array.push_back(message.value("invocationId", json()));
  switch (type) {
    case invocation:
    case stream_invocation:
      array.push_back(message.at("target"));
      array.push_back(message.at("arguments"));
      array.push_back(message.value("streamIds", json::array()));
      break;
    case stream_item: array.push_back(message.at("item")); break;
    case completion:
      array.push_back(message.contains("error") ? 1 : message.contains("result") ? 3 : 2);
      if (message.contains("error")) array.push_back(message["error"]);
      if (message.contains("result")) array.push_back(message["result"]);
      break;
    default: break;
  }
  return array;
}

json object_of(const json& array) {
  if (!array.is_array() || array.empty()) return json(json::value_t::discarded);
  const int type = array.at(0);
  json message = {{"type", type}};
  if (type == close) {
    if (!array.at(1).is_null()) message["error"] = array.at(1);
    if (array.at(2) == true) message["allowReconnect"] = true;
    return message;
  }
  if (type >= ping) {
    if (array.size() > 1) message["sequenceId"] = array.at(1);
    return message;
  }
  if (!array.at(1).empty()) message["headers"] = array.at(1);
  if (!array.at(2).is_null()) message["invocationId"] = array.at(2);
  switch (type) {
    case invocation:
      message["target"] = array.at(3);
      message["arguments"] = array.at(4);
      if (array.size() != 6 || !array.at(5).empty()) message["streamIds"] = array.at(5);
      break;
    case stream_item: message["item"] = array.at(3); break;
    case completion:
      if (array.at(3) == 1) message["error"] = array.at(4);
      if (array.at(3) == 3) message["result"] = array.at(4);
      break;
    default: break;
  }
  return message;
}

std::optional<json> take_packed(std::string& received) {
  std::size_t size = 0;
  std::size_t prefix = 0;
  for (bool more = true; more; ++prefix) {
    if (prefix == received.size()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(received[prefix]);
    size |= static_cast<std::size_t>(byte & 0x7f) << (7 * prefix);
    more = byte > 0x7f;
  }
  if (received.size() < prefix + size) return std::nullopt;
  const json array = json::from_msgpack(received.substr(prefix, size), true, false);
  received.erase(0, prefix + size);
  return object_of(array);
}

}  // namespace

const char* name_of(wire_form form) noexcept { return form == wire_form::json ? "json" : "messagepack"; }

std::string framed(std::string_view content, wire_form form) {
  if (form == wire_form::json) return std::string(content) + record_separator;
  std::string made;
  std::size_t rest = content.size();
  for (; rest > 0x7f; rest >>= 7) made += static_cast<char>(rest | 0x80);
  made += static_cast<char>(rest);
  return made.append(content);
}

std::string encoded(const json& message, wire_form form) {
  if (form == wire_form::json) return framed(message.dump(), form);
  const std::vector<std::uint8_t> packed = json::to_msgpack(array_of(message));
  return framed({reinterpret_cast<const char*>(packed.data()), packed.size()}, form);
}

std::optional<json> take_message(std::string& received, wire_form form) {
  if (form == wire_form::messagepack) return take_packed(received);
  const std::size_t at = received.find(record_separator);
  if (at == std::string::npos) return std::nullopt;
  json message = json::parse(received.substr(0, at), nullptr, false);
  received.erase(0, at + 1);
  return message;
}

}  // namespace hubbub_test
