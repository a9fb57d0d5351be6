// The port through which typed values are read from a received message, whatever its encoding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hubbub/core/bytes.hpp"

namespace hubbub::inline v0 {

/// What the next value is, before it is read.
enum class value_kind : std::uint8_t {
  null,
  boolean,
  integer,
  number,
  string,
  binary,
  array,
  object,
  extension,  ///< MessagePack only: a type of its own, with bytes
  invalid,
};

/// Reads values one after the other, forward only. Every function consumes the value and returns true, or returns
/// false when the value has another type, is out of range or is malformed; after false nothing more may be read.
/// Implemented by codecs, called by `value_codec` on the connection's shard. Never throws but bad_alloc.
class value_reader {
 public:
  virtual ~value_reader() = default;

  /// Kind of the next value; consumes nothing. `invalid` at the end or at malformed bytes.
  virtual value_kind peek() = 0;
  /// Consumes a null.
  virtual bool read_null() = 0;
  /// Consumes a boolean.
  virtual bool read(bool& value) = 0;
  /// Consumes an integer that fits; a number with a fraction does not (hub-protocol.md 12). A MessagePack float without
  /// a fraction counts as an integer, in JSON `2.0` does not.
  virtual bool read(std::int64_t& value) = 0;
  /// Consumes a non-negative integer that fits.
  virtual bool read(std::uint64_t& value) = 0;
  /// Consumes an integer or a number.
  virtual bool read(double& value) = 0;
  /// Consumes text and replaces `value` with its UTF-8.
  virtual bool read(std::string& value) = 0;
  /// Consumes text and shows it unescaped; `value` is valid until the next call.
  virtual bool read_text(std::string_view& value) = 0;
  /// Consumes bytes: base64 text in JSON; `bin`, `str` or an array of small integers in MessagePack.
  virtual bool read(bytes& value) = 0;
  /// Steps into an array.
  virtual bool enter_array() = 0;
  /// True when an element follows (then read or skip it); false behind the last one, the array is left.
  /// A malformed array also gives false: ask `ok()` afterwards.
  virtual bool next_element() = 0;
  /// Steps into an object.
  virtual bool enter_object() = 0;
  /// True when a member follows; `key` is valid until the next call. False behind the last one or when malformed.
  virtual bool next_member(std::string_view& key) = 0;
  /// Consumes one value of any kind.
  virtual bool skip() = 0;
  /// False as soon as malformed bytes were met.
  [[nodiscard]] virtual bool ok() const = 0;
  /// Consumes an extension value and shows its content, valid until the next call. False in encodings without
  /// extensions (JSON).
  virtual bool read_extension(std::int8_t& type, bytes_view& content) = 0;
  /// Consumes one value and shows its bytes as they were encoded (JSON text, MessagePack bytes); the view points into
  /// the received message. For bridges to other value models.
  virtual bool read_raw(bytes_view& encoded) = 0;
  /// True when values are JSON text, false when they are MessagePack.
  [[nodiscard]] virtual bool is_text() const = 0;

  /// A place between values, for `go_back`.
  struct place {
    const char* at;
    unsigned depth;
    bool first;
  };
  /// The place before the next value; for those who try one type after another.
  [[nodiscard]] virtual place here() const = 0;
  /// Returns to a place that `here` gave, as long as the container around it was not left; also after a false. False
  /// when this message has been read over and over: then it does not convert, since it must not cost more than a
  /// bounded multiple of its size.
  virtual bool go_back(const place& to) = 0;
};

}  // namespace hubbub::inline v0
