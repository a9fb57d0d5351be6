// Durations, points in time, dates and times of day as text, by the grammar of .NET. All counts are in ticks of 100 ns.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ratio>
#include <string_view>

namespace hubbub::inline v0::chrono_text {

inline constexpr std::int64_t ticks_per_second = 10'000'000;
inline constexpr std::int64_t ticks_per_day = 86'400 * ticks_per_second;

/// Fills a small buffer from the left.
class text_builder {
 public:
  void put(char character) noexcept { text_[size_++] = character; }
  void put_number(std::int64_t value, int digits) noexcept {
    std::int64_t unit = 1;
    for (int digit = 1; digit < digits || value / unit >= 10; ++digit) unit *= 10;
    for (; unit > 0; unit /= 10) put(static_cast<char>('0' + value / unit % 10));
  }
  void drop_trailing_zeros() noexcept {
    while (text_[size_ - 1] == '0') --size_;
  }
  [[nodiscard]] std::string_view text() const noexcept { return {text_, size_}; }

 private:
  char text_[48];
  std::size_t size_ = 0;
};

/// `[-][d.]hh:mm:ss[.fffffff]`; false when it is something else, or more than 64 bits of ticks hold.
[[nodiscard]] bool parse_duration(std::string_view text, std::int64_t& duration) noexcept;
[[nodiscard]] text_builder duration_text(std::int64_t duration) noexcept;

/// ISO 8601 from the year 1 to 9999: date, or date and time, with `Z`, an offset or nothing, which means UTC.
[[nodiscard]] bool parse_time(std::string_view text, std::int64_t& since_1970) noexcept;
/// In UTC; the year must be 1 to 9999.
[[nodiscard]] text_builder time_text(std::int64_t since_1970) noexcept;

/// `yyyy-mm-dd` from the year 1 to 9999.
[[nodiscard]] bool parse_date(std::string_view text, std::chrono::year_month_day& date) noexcept;
[[nodiscard]] text_builder date_text(const std::chrono::year_month_day& date) noexcept;

}  // namespace hubbub::inline v0::chrono_text
