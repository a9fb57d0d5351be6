// Writes typed values as MessagePack, each in its smallest form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "hubbub/core/wire_buffer.hpp"
#include "hubbub/protocol/value_writer.hpp"

namespace hubbub::inline v0 {

/// A value_writer that appends MessagePack to a buffer. Lives on the stack of one call. Throws std::length_error for
/// what is larger than 4 GiB.
class msgpack_writer final : public value_writer {
 public:
  /// Appends to `out`, which must outlive this object.
  explicit msgpack_writer(wire_buffer& out) noexcept : out_(out) {}

  void write_null() override;
  void write(bool value) override;
  void write(std::int64_t value) override;
  void write(std::uint64_t value) override;
  void write(double value) override;
  void write(float value) override;
  void write(std::string_view text) override;
  void write_bytes(bytes_view value) override;
  void begin_array(std::size_t size) override;
  void end_array() override {}
  void begin_object(std::size_t size) override;
  void key(std::string_view name) override { write(name); }
  void end_object() override {}
  [[nodiscard]] bool is_text() const override { return false; }
  void write_extension(std::int8_t type, bytes_view content) override;
  void write_raw(bytes_view encoded) override;

 private:
  wire_buffer& out_;
};

}  // namespace hubbub::inline v0
