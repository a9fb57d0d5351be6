// Writes typed values as JSON text, without whitespace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "hubbub/core/wire_buffer.hpp"
#include "hubbub/protocol/value_writer.hpp"

namespace hubbub::inline v0 {

/// Appends `text` as a JSON string with its quotes. Control characters, quote, backslash, U+2028 and U+2029 are
/// escaped; what is not UTF-8 becomes U+FFFD; everything else goes out as it is.
void write_json_string(wire_buffer& out, std::string_view text);

/// A value_writer that appends JSON text to a buffer. Lives on the stack of one call.
class json_writer final : public value_writer {
 public:
  /// Appends to `out`, which must outlive this object.
  explicit json_writer(wire_buffer& out) noexcept : out_(out) {}

  void write_null() override;
  void write(bool value) override;
  void write(std::int64_t value) override;
  void write(std::uint64_t value) override;
  void write(double value) override;
  void write(float value) override;
  void write(std::string_view text) override;
  void write_bytes(bytes_view value) override;
  void begin_array(std::size_t size) override;
  void end_array() override;
  void begin_object(std::size_t size) override;
  void key(std::string_view name) override;
  void end_object() override;
  [[nodiscard]] bool is_text() const override { return true; }
  void write_extension(std::int8_t type, bytes_view content) override;
  void write_raw(bytes_view encoded) override;

 private:
  char* begin_value(std::size_t room);
  void end_value(const char* stop) noexcept;
  void separate();
  void write_word(std::string_view word);
  template <class Integer>
  void write_integer(Integer value);
  template <class Number>
  void write_number(Number value);

  wire_buffer& out_;
  bool comma_ = false;  // a value precedes the next one
};

}  // namespace hubbub::inline v0
