// Durations and points in time as text: TimeSpan and DateTime of .NET.
#include "hubbub/protocol/chrono_codec.hpp"

#include <limits>
#include <stdexcept>
#include <string_view>

namespace hubbub::inline v0::detail {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::int64_t ticks_per_second = 10'000'000;
constexpr std::int64_t ticks_per_day = 86'400 * ticks_per_second;
constexpr int fraction_digits = 7;

// Takes pieces of a text from the left; every function is false, or empty, when the piece is not there.
class text_cursor {
 public:
  explicit text_cursor(std::string_view text) noexcept : left_(text) {}

  [[nodiscard]] bool done() const noexcept { return left_.empty(); }
  bool take(char character) noexcept {
    if (left_.empty() || left_.front() != character) return false;
    left_.remove_prefix(1);
    return true;
  }
  // As many digits as there are, between `least` and `most`.
  bool take_number(std::size_t least, std::size_t most, std::int64_t& value) noexcept {
    std::size_t count = 0;
    value = 0;
    while (count < most && count < left_.size() && left_[count] >= '0' && left_[count] <= '9') {
      value = value * 10 + (left_[count++] - '0');
    }
    left_.remove_prefix(count);
    return count >= least;
  }
  bool take_two_digits(std::int64_t limit, std::int64_t& value) noexcept {
    return take_number(2, 2, value) && value < limit;
  }
  // Digits behind a decimal point, in ticks; `most` digits at most, those finer than a tick are dropped.
  bool take_fraction(std::size_t most, std::int64_t& ticks) noexcept {
    std::size_t count = 0;
    ticks = 0;
    for (; count < most && !left_.empty() && left_.front() >= '0' && left_.front() <= '9'; ++count) {
      if (count < fraction_digits) ticks = ticks * 10 + (left_.front() - '0');
      left_.remove_prefix(1);
    }
    for (std::size_t digit = count; digit < fraction_digits; ++digit) ticks *= 10;
    return count > 0;
  }

 private:
  std::string_view left_;
};

// Fills a small buffer from the left.
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

void put_clock(text_builder& text, std::int64_t seconds) noexcept {
  text.put_number(seconds / 3600, 2);
  text.put(':');
  text.put_number(seconds / 60 % 60, 2);
  text.put(':');
  text.put_number(seconds % 60, 2);
}

bool parse_duration(std::string_view text, std::int64_t& ticks) noexcept {
  text_cursor cursor(text);
  const bool negative = cursor.take('-');
  std::int64_t day = 0;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t fraction = 0;
  if (text_cursor ahead = cursor; ahead.take_number(1, 8, day) && ahead.take('.')) {
    cursor = ahead;
  } else {
    day = 0;
  }
  if (!cursor.take_two_digits(24, hour) || !cursor.take(':') || !cursor.take_two_digits(60, minute) ||
      !cursor.take(':') || !cursor.take_two_digits(60, second)) {
    return false;
  }
  if (cursor.take('.') && !cursor.take_fraction(fraction_digits, fraction)) return false;
  const std::int64_t clock = ((hour * 60 + minute) * 60 + second) * ticks_per_second + fraction;
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  if (!cursor.done() || day > most / ticks_per_day) return false;
  // The largest magnitude is one more below zero than above: summed up as a negative, it fits.
  const std::int64_t days_below = -day * ticks_per_day;
  if (days_below < -most - 1 + clock) return false;
  ticks = days_below - clock;
  if (negative) return true;
  if (ticks < -most) return false;
  ticks = -ticks;
  return true;
}

// `Z`, `+hh:mm`, `-hh:mm` or nothing, which means UTC.
bool parse_offset(text_cursor& cursor, std::int64_t& seconds) noexcept {
  seconds = 0;
  if (cursor.take('Z') || cursor.done()) return cursor.done();
  const bool east = cursor.take('+');
  if (!east && !cursor.take('-')) return false;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  if (!cursor.take_two_digits(15, hours) || !cursor.take(':') || !cursor.take_two_digits(60, minutes)) return false;
  seconds = (hours * 60 + minutes) * (east ? 60 : -60);
  return cursor.done();
}

bool parse_time(std::string_view text, std::int64_t& ticks) noexcept {
  text_cursor cursor(text);
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t fraction = 0;
  std::int64_t offset = 0;
  if (!cursor.take_number(4, 4, year) || !cursor.take('-') || !cursor.take_two_digits(13, month) || !cursor.take('-') ||
      !cursor.take_two_digits(32, day)) {
    return false;
  }
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || year < 1) return false;
  if (cursor.take('T')) {
    if (!cursor.take_two_digits(24, hour) || !cursor.take(':') || !cursor.take_two_digits(60, minute)) return false;
    if (cursor.take(':')) {
      if (!cursor.take_two_digits(60, second)) return false;
      if (cursor.take('.') && !cursor.take_fraction(16, fraction)) return false;
    }
    if (!parse_offset(cursor, offset)) return false;
  }
  if (!cursor.done()) return false;
  const std::int64_t seconds = (hour * 60 + minute) * 60 + second - offset;
  ticks = sys_days(date).time_since_epoch().count() * ticks_per_day + seconds * ticks_per_second + fraction;
  return true;
}

}  // namespace

void throw_duration_out_of_range() {
  throw std::invalid_argument("a duration or time is beyond what a message can carry");
}

bool read_duration(value_reader& reader, wire_ticks& value) {
  std::string_view text;
  std::int64_t ticks = 0;
  if (!reader.read_text(text) || !parse_duration(text, ticks)) return false;
  value = wire_ticks(ticks);
  return true;
}

void write_duration(value_writer& writer, wire_ticks value) {
  text_builder text;
  if (value.count() < 0) text.put('-');
  const auto whole_days = value.count() / ticks_per_day;  // split before the sign goes: the minimum has no positive
  const auto rest = value.count() % ticks_per_day;
  const std::int64_t ticks = rest < 0 ? -rest : rest;
  if (whole_days != 0) {
    text.put_number(whole_days < 0 ? -whole_days : whole_days, 1);
    text.put('.');
  }
  put_clock(text, ticks / ticks_per_second);
  if (ticks % ticks_per_second != 0) {
    text.put('.');
    text.put_number(ticks % ticks_per_second, fraction_digits);
  }
  writer.write(text.text());
}

bool read_time(value_reader& reader, wire_ticks& since_1970) {
  std::string_view text;
  std::int64_t ticks = 0;
  if (!reader.read_text(text) || !parse_time(text, ticks)) return false;
  since_1970 = wire_ticks(ticks);
  return true;
}

void write_time(value_writer& writer, wire_ticks since_1970) {
  const auto day = std::chrono::floor<days>(since_1970);
  const std::chrono::year_month_day date{sys_days(day)};
  const std::int64_t ticks = (since_1970 - day).count();
  if (date.year() < std::chrono::year(1) || date.year() > std::chrono::year(9999)) throw_duration_out_of_range();
  text_builder text;
  text.put_number(static_cast<int>(date.year()), 4);
  text.put('-');
  text.put_number(static_cast<unsigned>(date.month()), 2);
  text.put('-');
  text.put_number(static_cast<unsigned>(date.day()), 2);
  text.put('T');
  put_clock(text, ticks / ticks_per_second);
  if (ticks % ticks_per_second != 0) {
    text.put('.');
    text.put_number(ticks % ticks_per_second, fraction_digits);
    text.drop_trailing_zeros();
  }
  text.put('Z');
  writer.write(text.text());
}

}  // namespace hubbub::inline v0::detail
