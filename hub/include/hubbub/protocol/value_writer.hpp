// The port through which typed values are written into a message, whatever its encoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "hubbub/core/bytes.hpp"

namespace hubbub::inline v0 {

/// Writes values one after the other. Implemented by codecs, called by `value_codec` on the thread that sends.
/// Throws bad_alloc; `write(double)` throws std::invalid_argument for NaN and infinity where the encoding has none
/// (decision 13). Text that is not UTF-8 is mended with U+FFFD.
class value_writer {
 public:
  virtual ~value_writer() = default;

  /// Writes a null.
  virtual void write_null() = 0;
  /// Writes a boolean.
  virtual void write(bool value) = 0;
  /// Writes an integer.
  virtual void write(std::int64_t value) = 0;
  /// Writes an integer.
  virtual void write(std::uint64_t value) = 0;
  /// Writes a number; JSON gives 2.0 as `2`.
  virtual void write(double value) = 0;
  /// Writes a number that was a float: shortest text in JSON, float32 in MessagePack.
  virtual void write(float value) = 0;
  /// Writes text.
  virtual void write(std::string_view text) = 0;
  /// Writes bytes: base64 text in JSON.
  virtual void write_bytes(bytes_view value) = 0;
  /// Begins an array of exactly `size` elements.
  virtual void begin_array(std::size_t size) = 0;
  /// Ends the array begun last.
  virtual void end_array() = 0;
  /// Begins an object of exactly `size` members.
  virtual void begin_object(std::size_t size) = 0;
  /// Names the member whose value is written next.
  virtual void key(std::string_view name) = 0;
  /// Ends the object begun last.
  virtual void end_object() = 0;
  /// True when values become JSON text, false for MessagePack.
  [[nodiscard]] virtual bool is_text() const = 0;
  /// Writes an extension value. Throws std::logic_error where the encoding has none (JSON): ask `is_text` first.
  virtual void write_extension(std::int8_t type, bytes_view content) = 0;
  /// Writes one value that is encoded already, in this writer's encoding.
  virtual void write_raw(bytes_view encoded) = 0;
};

}  // namespace hubbub::inline v0
