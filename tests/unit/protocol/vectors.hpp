// Reads the wire vectors that all languages share, and small steps that tests of codecs repeat.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "hubbub/protocol/hub_protocol.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::test {

/// The list of vectors in tests/vectors/`file`; fails loudly when it cannot be read.
nlohmann::json load_vectors(const std::string& file);

/// The bytes of a member: `name` as text, or `name`_hex.
std::string bytes_of(const nlohmann::json& vector, const std::string& name);

/// The bytes that `digits` stand for.
std::string from_hex(std::string_view digits);

/// The JSON text of a value: what stands as result in its completion.
template <class T>
std::string written(const T& value) {
  wire_buffer out;
  json_hub_protocol().write_completion(out, "1", [&](value_writer& writer) { write_value(writer, value); });
  constexpr std::string_view before = R"({"type":3,"invocationId":"1","result":)";
  const std::string_view message = out.view();
  return std::string(message.substr(before.size(), message.size() - before.size() - 2));
}

/// True when JSON text converts to `value`.
template <class T>
bool binds(std::string_view encoded, T& value) {
  bool bound = false;
  json_hub_protocol().with_reader(encoded, [&](value_reader& reader) { bound = read_value(reader, value); });
  return bound;
}

/// The value of JSON text that must convert.
template <class T>
T bound(std::string_view encoded) {
  T value{};
  if (!binds(encoded, value)) throw std::runtime_error("does not convert: " + std::string(encoded));
  return value;
}

/// True when JSON text converts to a T.
template <class T>
bool converts(std::string_view encoded) {
  T value{};
  return binds(encoded, value);
}

}  // namespace hubbub::test
