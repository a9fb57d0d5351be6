// The bridge to nlohmann::json: types that it can convert become arguments, results and fields. Include it where such
// types are used; no other header of this library does.
#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

#include "hubbub/protocol/chrono_codec.hpp"
#include "hubbub/protocol/fields.hpp"
#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

namespace detail {

template <class Json>
concept json_value = std::same_as<Json, nlohmann::json> || std::same_as<Json, nlohmann::ordered_json>;

// Types that are decided here, for or against: nlohmann has no say in them.
template <class T>
concept known_here = character<T> || std::is_pointer_v<T> || requires {
  &builtin_codec<T>::read;
} || requires {
  &builtin_codec<T>::write;
};

template <class T>
concept from_nlohmann = !known_here<T> && requires(const nlohmann::json& json, T& value) {
  nlohmann::adl_serializer<T>::from_json(json, value);
};

template <class T>
concept to_nlohmann = !known_here<T> && requires(nlohmann::json & json, const T& value) {
  nlohmann::adl_serializer<T>::to_json(json, value);
};

// Extensions: points in time become the text they are in JSON, others binary values with the type as subtype.

template <json_value Json>
bool read_binary(value_reader& reader, Json& document, std::optional<std::int8_t> type, bytes_view content) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(content.data());
  typename Json::binary_t binary({first, first + content.size()});
  if (type) binary.set_subtype(static_cast<std::uint8_t>(*type));
  document = std::move(binary);
  return reader.ok();
}

template <json_value Json>
bool read_tree(value_reader& reader, Json& document);

template <json_value Json>
bool read_number(value_reader& reader, Json& document) {
  const value_reader::place begin = reader.here();
  std::uint64_t positive = 0;
  if (reader.read(positive)) {
    document = positive;
    return true;
  }
  std::int64_t negative = 0;
  if (!reader.go_back(begin) || !reader.read(negative)) return false;
  document = negative;
  return true;
}

template <json_value Json>
bool read_extension(value_reader& reader, Json& document) {
  const value_reader::place begin = reader.here();
  std::string text;
  if (read_extension_as_text(reader, text)) {
    document = std::move(text);
    return true;
  }
  std::int8_t type = 0;
  bytes_view content;
  return reader.go_back(begin) && reader.read_extension(type, content) && read_binary(reader, document, type, content);
}

template <json_value Json>
bool read_object(value_reader& reader, Json& document) {
  document = Json::object();
  if (!reader.enter_object()) return false;
  std::string_view key;
  while (reader.next_member(key)) {
    const std::string name(key);  // the view dies with the next read
    if (!read_tree(reader, document[name])) return false;
  }
  return reader.ok();
}

template <json_value Json>
bool read_array(value_reader& reader, Json& document) {
  document = Json::array();
  if (!reader.enter_array()) return false;
  while (reader.next_element()) {
    document.push_back(nullptr);
    if (!read_tree(reader, document.back())) return false;
  }
  return reader.ok();
}

// A value of MessagePack. As deep as the reader allows.
template <json_value Json>
bool read_tree(value_reader& reader, Json& document) {
  switch (reader.peek()) {
    case value_kind::null: document = nullptr; return reader.read_null();
    case value_kind::boolean: {
      bool value = false;
      if (!reader.read(value)) return false;
      document = value;
      return true;
    }
    case value_kind::integer: return read_number(reader, document);
    case value_kind::number: {
      double value = 0;
      if (!reader.read(value)) return false;
      document = value;
      return true;
    }
    case value_kind::string: {
      std::string value;
      if (!reader.read(value)) return false;
      document = std::move(value);
      return true;
    }
    case value_kind::binary: {
      bytes value;
      if (!reader.read(value)) return false;
      return read_binary(reader, document, std::nullopt, {reinterpret_cast<const char*>(value.data()), value.size()});
    }
    case value_kind::array: return read_array(reader, document);
    case value_kind::object: return read_object(reader, document);
    case value_kind::extension: return read_extension(reader, document);
    case value_kind::invalid: break;
  }
  return false;
}

/// Reads any value into a document; false when it is malformed, or an object has names that are no text.
template <json_value Json>
bool read_document(value_reader& reader, Json& document) {
  if (!reader.is_text()) return read_tree(reader, document);
  bytes_view encoded;
  if (!reader.read_raw(encoded)) return false;
  document = Json::parse(encoded.begin(), encoded.end(), nullptr, false);
  return !document.is_discarded();
}

/// Writes a document with the writer's own numbers and escapes. In JSON throws std::invalid_argument for NaN and
/// infinity.
template <json_value Json>
void write_document(value_writer& writer, const Json& document) {
  switch (document.type()) {
    case nlohmann::json::value_t::object:
      writer.begin_object(document.size());
      for (const auto& member : document.items()) {
        writer.key(member.key());
        write_document(writer, member.value());
      }
      return writer.end_object();
    case nlohmann::json::value_t::array:
      writer.begin_array(document.size());
      for (const auto& element : document) write_document(writer, element);
      return writer.end_array();
    case nlohmann::json::value_t::string:
      return writer.write(std::string_view(document.template get_ref<const std::string&>()));
    case nlohmann::json::value_t::boolean: return writer.write(document.template get<bool>());
    case nlohmann::json::value_t::number_integer: return writer.write(document.template get<std::int64_t>());
    case nlohmann::json::value_t::number_unsigned: return writer.write(document.template get<std::uint64_t>());
    case nlohmann::json::value_t::number_float: return writer.write(document.template get<double>());
    case nlohmann::json::value_t::binary: {
      const auto& binary = document.get_binary();
      const bytes_view content(reinterpret_cast<const char*>(binary.data()), binary.size());
      if (!binary.has_subtype() || writer.is_text()) return writer.write_bytes(content);
      return writer.write_extension(static_cast<std::int8_t>(binary.subtype()), content);
    }
    case nlohmann::json::value_t::null:
    case nlohmann::json::value_t::discarded: return writer.write_null();
  }
}

// The half of a codec that nlohmann's conversions allow.
template <class T>
struct nlohmann_codec {
  static bool read(value_reader& reader, T& value) requires from_nlohmann<T> {
    nlohmann::json document;
    if (!read_document(reader, document)) return false;
    try {
      nlohmann::adl_serializer<T>::from_json(std::as_const(document), value);
      return true;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception&) {
      return false;  // does not convert
    }
  }
  static void write(value_writer& writer, const T& value) requires to_nlohmann<T> {
    nlohmann::json document;
    nlohmann::adl_serializer<T>::to_json(document, value);
    write_document(writer, document);
  }
};

}  // namespace detail

/// Documents themselves: any value of any shape.
template <detail::json_value Json>
struct value_codec<Json> {
  static bool read(value_reader& reader, Json& value) { return detail::read_document(reader, value); }
  static void write(value_writer& writer, const Json& value) { detail::write_document(writer, value); }
};

/// Types with `to_json` and `from_json`, and what nlohmann::json converts by itself.
template <class T>
  requires(!detail::json_value<T> && (detail::from_nlohmann<T> || detail::to_nlohmann<T>))
struct value_codec<T> : detail::nlohmann_codec<T> {};

}  // namespace hubbub::inline v0
