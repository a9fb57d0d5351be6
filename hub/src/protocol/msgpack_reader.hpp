// Reads typed values from MessagePack in place, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "hubbub/protocol/value_reader.hpp"
#include "msgpack_format.hpp"
#include "reading_again.hpp"

namespace hubbub::inline v0 {

/// A value_reader over MessagePack. Lives on the stack of one call; allocates only for what it hands over and for text
/// that is no UTF-8, which is mended.
class msgpack_reader final : public value_reader {
 public:
  /// Reads from `encoded`, which must outlive this object. `depth` containers are open around it in its message.
  explicit msgpack_reader(bytes_view encoded, unsigned depth = 0) noexcept  // NOLINT(*-member-init): left_, see there
      : at_(encoded.data()),
        end_(encoded.data() + encoded.size()),
        depth_(depth),
        may_read_again_(reading_again(encoded.size())) {}

  value_kind peek() override;
  bool read_null() override;
  bool read(bool& value) override;
  bool read(std::int64_t& value) override;
  bool read(std::uint64_t& value) override;
  bool read(double& value) override;
  bool read(std::string& value) override;
  bool read_text(std::string_view& value) override;
  bool read(bytes& value) override;
  bool enter_array() override;
  bool next_element() override;
  bool enter_object() override;
  bool next_member(std::string_view& key) override;
  bool skip() override;
  [[nodiscard]] bool ok() const override { return ok_; }
  bool read_extension(std::int8_t& type, bytes_view& content) override;
  bool read_raw(bytes_view& encoded) override;
  [[nodiscard]] bool is_text() const override { return false; }
  [[nodiscard]] place here() const override { return {at_, depth_, false}; }
  bool go_back(const place& to) override;

 private:
  bool malformed() noexcept {
    ok_ = false;
    at_ = end_;
    return false;
  }
  bool find_token(msgpack::token& found, const char*& behind) noexcept;
  bool take_text(std::string_view& text) noexcept;
  bool enter(msgpack::token_kind kind) noexcept;
  bool read_byte_array(bytes& value);

  const char* at_;
  const char* end_;
  unsigned depth_;
  bool ok_ = true;
  std::size_t may_read_again_;  // bytes
  std::string mended_;
  // Elements or members that follow in each open container, by its depth less one; set when one is entered.
  std::uint32_t left_[msgpack::max_depth];
};

}  // namespace hubbub::inline v0
