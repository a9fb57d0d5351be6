// Reads typed values from JSON text in place, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "hubbub/protocol/value_reader.hpp"
#include "reading_again.hpp"

namespace hubbub::inline v0 {

/// A value_reader over JSON text. Lives on the stack of one call; allocates only for strings with escapes.
class json_reader final : public value_reader {
 public:
  /// Reads from `text`, which must outlive this object. `depth` containers are open around it in its message.
  explicit json_reader(bytes_view text, unsigned depth = 0) noexcept
      : at_(text.data()), end_(text.data() + text.size()), depth_(depth), may_read_again_(reading_again(text.size())) {}

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
  bool read_extension(std::int8_t&, bytes_view&) override { return false; }
  bool read_raw(bytes_view& encoded) override;
  [[nodiscard]] bool is_text() const override { return true; }
  [[nodiscard]] place here() const override { return {at_, depth_, first_}; }
  bool go_back(const place& to) override;

 private:
  bool malformed() noexcept {
    ok_ = false;
    at_ = end_;
    return false;
  }
  void skip_space() noexcept;
  bool find_value() noexcept;
  bool is_literal(std::string_view word) const noexcept;
  bool enter(char bracket) noexcept;
  bool read_string(std::string_view& inside, bool& escaped);
  template <class Integer>
  bool read_integer(Integer& value);

  const char* at_;
  const char* end_;
  unsigned depth_;
  std::size_t may_read_again_;  // bytes
  bool first_ = false;          // a container was just entered: no comma before what follows
  bool ok_ = true;
  std::string unescaped_;
};

}  // namespace hubbub::inline v0
