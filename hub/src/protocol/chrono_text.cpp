// Durations, points in time, dates and times of day as text, by the grammar of .NET.
#include "chrono_text.hpp"

#include <cstddef>
#include <limits>

namespace hubbub::inline v0::chrono_text {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr int fraction_digits = 7;
using tick_count = std::chrono::duration<std::int64_t, std::ratio<1, ticks_per_second>>;

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

void put_clock(text_builder& text, std::int64_t seconds) noexcept {
  text.put_number(seconds / 3600, 2);
  text.put(':');
  text.put_number(seconds / 60 % 60, 2);
  text.put(':');
  text.put_number(seconds % 60, 2);
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

bool take_date(text_cursor& cursor, std::chrono::year_month_day& date) noexcept {
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
  if (!cursor.take_number(4, 4, year) || !cursor.take('-') || !cursor.take_two_digits(13, month) || !cursor.take('-') ||
      !cursor.take_two_digits(32, day)) {
    return false;
  }
  date = std::chrono::year_month_day(std::chrono::year(static_cast<int>(year)),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)));
  return date.ok() && year >= 1;
}

}  // namespace

bool parse_duration(std::string_view text, std::int64_t& duration) noexcept {
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
  duration = days_below - clock;
  if (negative) return true;
  if (duration < -most) return false;
  duration = -duration;
  return true;
}

bool parse_time(std::string_view text, std::int64_t& since_1970) noexcept {
  text_cursor cursor(text);
  std::chrono::year_month_day date;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t fraction = 0;
  std::int64_t offset = 0;
  if (!take_date(cursor, date)) return false;
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
  since_1970 = sys_days(date).time_since_epoch().count() * ticks_per_day + seconds * ticks_per_second + fraction;
  return true;
}

bool parse_date(std::string_view text, std::chrono::year_month_day& date) noexcept {
  text_cursor cursor(text);
  return take_date(cursor, date) && cursor.done();
}

text_builder duration_text(std::int64_t duration) noexcept {
  text_builder text;
  if (duration < 0) text.put('-');
  const auto whole_days = duration / ticks_per_day;  // split before the sign goes: the minimum has no positive
  const auto rest = duration % ticks_per_day;
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
  return text;
}

text_builder date_text(const std::chrono::year_month_day& date) noexcept {
  text_builder text;
  text.put_number(static_cast<int>(date.year()), 4);
  text.put('-');
  text.put_number(static_cast<unsigned>(date.month()), 2);
  text.put('-');
  text.put_number(static_cast<unsigned>(date.day()), 2);
  return text;
}

text_builder time_text(std::int64_t since_1970) noexcept {
  const auto day = std::chrono::floor<days>(tick_count(since_1970));
  text_builder text = date_text(std::chrono::year_month_day(sys_days(day)));
  const std::int64_t of_day = (tick_count(since_1970) - day).count();
  text.put('T');
  put_clock(text, of_day / ticks_per_second);
  if (of_day % ticks_per_second != 0) {
    text.put('.');
    text.put_number(of_day % ticks_per_second, fraction_digits);
    text.drop_trailing_zeros();
  }
  text.put('Z');
  return text;
}

}  // namespace hubbub::inline v0::chrono_text
