// Durations, points in time, dates and times of day, as .NET writes TimeSpan, DateTime, DateOnly and TimeOnly.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <ratio>
#include <string>
#include <type_traits>

#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

namespace detail {

/// The grain of time on the wire: 100 ns.
using wire_ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;

// Text in JSON: `[-][d.]hh:mm:ss[.fffffff]` and ISO 8601 in UTC. In MessagePack ticks, and its timestamp extension.
// Writing throws std::invalid_argument for years outside 1 to 9999.
bool read_duration(value_reader& reader, wire_ticks& value);
void write_duration(value_writer& writer, wire_ticks value);
bool read_time(value_reader& reader, wire_ticks& since_1970);
void write_time(value_writer& writer, wire_ticks since_1970);

// The same as a duration from 0 to less than a day; writing throws std::invalid_argument for others.
bool read_time_of_day(value_reader& reader, wire_ticks& value);
void write_time_of_day(value_writer& writer, wire_ticks value);

// The time of a timestamp extension as the text it would be in JSON; false for other extensions.
bool read_extension_as_text(value_reader& reader, std::string& text);

// Throws std::invalid_argument for what 64 bits of ticks (29,000 years) cannot hold.
[[noreturn]] void throw_duration_out_of_range();

template <class Rep, class Period>
wire_ticks to_ticks(std::chrono::duration<Rep, Period> value) {
  using duration = std::chrono::duration<Rep, Period>;
  if constexpr (!std::same_as<duration, wire_ticks>) {
    constexpr double most_seconds = 922'337'203'685.477;
    const double seconds = std::chrono::duration<double>(value).count();
    if (!(seconds <= most_seconds && seconds >= -most_seconds)) throw_duration_out_of_range();
  }
  return std::chrono::duration_cast<wire_ticks>(value);
}

// False when the duration's own type is too small for the value.
template <class Rep, class Period>
bool from_ticks(wire_ticks ticks, std::chrono::duration<Rep, Period>& value) {
  if constexpr (std::integral<Rep> && !std::same_as<std::chrono::duration<Rep, Period>, wire_ticks>) {
    using limits = std::numeric_limits<Rep>;
    const double count = std::chrono::duration<double, Period>(ticks).count();
    constexpr double most = static_cast<double>(limits::max());
    constexpr double least = static_cast<double>(limits::min());
    // A 64-bit maximum rounds up to a power of two, which is one too many already.
    if (count < least || count > most || (limits::digits > 53 && count >= most)) return false;
  }
  value = std::chrono::duration_cast<std::chrono::duration<Rep, Period>>(ticks);
  return true;
}

template <class Rep, class Period>
struct builtin_codec<std::chrono::duration<Rep, Period>> {
  using duration = std::chrono::duration<Rep, Period>;
  static bool read(value_reader& reader, duration& value) {
    wire_ticks ticks{};
    return read_duration(reader, ticks) && from_ticks(ticks, value);
  }
  static void write(value_writer& writer, const duration& value) { write_duration(writer, to_ticks(value)); }
};

template <class Duration>
struct builtin_codec<std::chrono::time_point<std::chrono::system_clock, Duration>> {
  using time_point = std::chrono::time_point<std::chrono::system_clock, Duration>;
  static bool read(value_reader& reader, time_point& value) {
    wire_ticks ticks{};
    Duration since_epoch{};
    if (!read_time(reader, ticks) || !from_ticks(ticks, since_epoch)) return false;
    value = time_point(since_epoch);
    return true;
  }
  static void write(value_writer& writer, const time_point& value) {
    write_time(writer, to_ticks(value.time_since_epoch()));
  }
};

// A date: `yyyy-mm-dd` in JSON, the number of days since the first of January of the year 1 in MessagePack. Writing
// throws std::invalid_argument for what is no date of the years 1 to 9999.
template <>
struct builtin_codec<std::chrono::year_month_day> {
  static bool read(value_reader& reader, std::chrono::year_month_day& value);
  static void write(value_writer& writer, const std::chrono::year_month_day& value);
};

template <class Duration>
struct builtin_codec<std::chrono::hh_mm_ss<Duration>> {
  using time_of_day = std::chrono::hh_mm_ss<Duration>;
  static bool read(value_reader& reader, time_of_day& value) {
    wire_ticks ticks{};
    Duration since_midnight{};
    if (!read_time_of_day(reader, ticks) || !from_ticks(ticks, since_midnight)) return false;
    value = time_of_day(since_midnight);
    return true;
  }
  static void write(value_writer& writer, const time_of_day& value) {
    write_time_of_day(writer, to_ticks(value.to_duration()));
  }
};

}  // namespace detail

}  // namespace hubbub::inline v0
