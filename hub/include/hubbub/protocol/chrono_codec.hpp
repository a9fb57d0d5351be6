// Durations and points in time, as .NET writes TimeSpan and DateTime.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <ratio>
#include <type_traits>

#include "hubbub/protocol/value_codec.hpp"

namespace hubbub::inline v0 {

namespace detail {

/// The grain of time on the wire: 100 ns.
using wire_ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;

// Text in JSON: `[-][d.]hh:mm:ss[.fffffff]` and ISO 8601 in UTC. MessagePack will have ticks and its timestamp
// extension: these four are the place for it. Writing throws std::invalid_argument for years outside 1 to 9999.
bool read_duration(value_reader& reader, wire_ticks& value);
void write_duration(value_writer& writer, wire_ticks value);
bool read_time(value_reader& reader, wire_ticks& since_1970);
void write_time(value_writer& writer, wire_ticks since_1970);

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

}  // namespace detail

}  // namespace hubbub::inline v0
