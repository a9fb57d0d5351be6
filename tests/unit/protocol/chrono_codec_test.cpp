// Durations and points in time as .NET writes and reads them.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

#include "hubbub/protocol/chrono_codec.hpp"
#include "vectors.hpp"

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;
using ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
using time_in_ticks = std::chrono::time_point<system_clock, ticks>;

TEST(chrono_codec, durations_are_written_as_time_spans) {
  EXPECT_EQ(written(90s), R"("00:01:30")");
  EXPECT_EQ(written(0ms), R"("00:00:00")");
  EXPECT_EQ(written(500ms), R"("00:00:00.5000000")");
  EXPECT_EQ(written(-1ms), R"("-00:00:00.0010000")");
  EXPECT_EQ(written(24h), R"("1.00:00:00")");
  EXPECT_EQ(written(100ns), R"("00:00:00.0000001")");
  EXPECT_EQ(written(99ns), R"("00:00:00")");
  EXPECT_EQ(written(std::chrono::duration<double>(1.5)), R"("00:00:01.5000000")");
  EXPECT_EQ(written(ticks::max()), R"("10675199.02:48:05.4775807")");
  EXPECT_EQ(written(ticks::min()), R"("-10675199.02:48:05.4775808")");
}

TEST(chrono_codec, time_spans_are_read) {
  EXPECT_EQ(bound<std::chrono::seconds>(R"("00:01:30")"), 90s);
  EXPECT_EQ(bound<std::chrono::milliseconds>(R"("-3.23:59:59.123")"), -(96h - 1s + 123ms));
  EXPECT_EQ(bound<std::chrono::nanoseconds>(R"("00:00:00.0000001")"), 100ns);
  EXPECT_EQ(bound<std::chrono::hours>(R"("1.23:59:59")"), 47h);
  EXPECT_EQ(bound<std::chrono::duration<double>>(R"("00:00:00.5")").count(), 0.5);
  EXPECT_EQ(bound<ticks>(R"("10675199.02:48:05.4775807")"), ticks::max());
  EXPECT_EQ(bound<ticks>(R"("-10675199.02:48:05.4775808")"), ticks::min());
}

TEST(chrono_codec, what_is_no_time_span_does_not_convert) {
  for (const char* wrong :
       {R"("24:00:00")", R"("00:60:00")", R"("00:00:60")", R"("1:00:00")", R"("00:00")", R"("00:00:00.")",
        R"("00:00:00.12345678")", R"("+00:00:01")", R"("00:00:01 ")", R"(" 00:00:01")", R"("1 00:00:00")",
        R"(".00:00:00")", R"("")", R"("5")", R"("10675199.02:48:05.4775808")", R"("-10675199.02:48:05.4775809")",
        R"("99999999.00:00:00")", "90", "null"}) {
    EXPECT_FALSE(converts<ticks>(wrong)) << wrong;
  }
}

TEST(chrono_codec, a_duration_must_fit_its_type) {
  EXPECT_FALSE((converts<std::chrono::duration<std::int8_t>>(R"("00:02:08")")));
  EXPECT_TRUE((converts<std::chrono::duration<std::int8_t>>(R"("00:02:07")")));
  EXPECT_FALSE(converts<std::chrono::nanoseconds>(R"("10675199.02:48:05")"));
  EXPECT_THROW(written(std::chrono::hours::max()), std::invalid_argument);
  EXPECT_THROW(written(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())), std::invalid_argument);
}

TEST(chrono_codec, times_are_written_in_utc_with_the_digits_they_need) {
  EXPECT_EQ(written(system_clock::time_point()), R"("1970-01-01T00:00:00Z")");
  EXPECT_EQ(written(time_in_ticks(ticks(1))), R"("1970-01-01T00:00:00.0000001Z")");
  EXPECT_EQ(written(time_in_ticks(500ms)), R"("1970-01-01T00:00:00.5Z")");
  EXPECT_EQ(written(time_in_ticks(-1s)), R"("1969-12-31T23:59:59Z")");
  EXPECT_EQ(written(std::chrono::sys_days(std::chrono::year(2024) / 2 / 29)), R"("2024-02-29T00:00:00Z")");
}

TEST(chrono_codec, times_are_read_with_and_without_their_parts) {
  const auto leap_day = std::chrono::sys_days(std::chrono::year(2024) / 2 / 29);
  EXPECT_EQ(bound<system_clock::time_point>(R"("2024-02-29T12:30:15.1234567Z")"),
            leap_day + 12h + 30min + 15s + 123456700ns);
  EXPECT_EQ(bound<system_clock::time_point>(R"("2024-02-29T00:00:00.000Z")"), leap_day);
  EXPECT_EQ(bound<system_clock::time_point>(R"("2024-02-29")"), leap_day);
  EXPECT_EQ(bound<system_clock::time_point>(R"("2024-02-29T12:30")"), leap_day + 12h + 30min);
  EXPECT_EQ(bound<system_clock::time_point>(R"("2024-02-29T01:00:00+01:00")"), leap_day);
  EXPECT_EQ(bound<system_clock::time_point>(R"("2024-02-28T22:30:00.0-01:30")"), leap_day);
  EXPECT_EQ(bound<std::chrono::sys_seconds>(R"("0001-01-01T00:00:00Z")"),
            std::chrono::sys_days(std::chrono::year(1) / 1 / 1));
}

TEST(chrono_codec, what_is_no_time_does_not_convert) {
  for (const char* wrong : {R"("2023-02-29")",
                            R"("2024-13-01")",
                            R"("2024-00-01")",
                            R"("2024-01-32")",
                            R"("0000-01-01")",
                            R"("24-01-01")",
                            R"("2024-1-1")",
                            R"("2024-01-01T24:00:00")",
                            R"("2024-01-01T00:60:00")",
                            R"("2024-01-01T00:00:60")",
                            R"("2024-01-01T")",
                            R"("2024-01-01 00:00:00")",
                            R"("2024-01-01T00:00:00.")",
                            R"("2024-01-01T00:00:00z")",
                            R"("2024-01-01T00:00:00+1:00")",
                            R"("2024-01-01T00:00:00Zx")",
                            R"("2024-01-01T00:00:00+15:00")",
                            R"("")",
                            "0",
                            "null"}) {
    EXPECT_FALSE(converts<time_in_ticks>(wrong)) << wrong;
  }
}

TEST(chrono_codec, times_beyond_the_calendar_of_messages_throw_or_do_not_convert) {
  EXPECT_THROW(written(std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)), std::invalid_argument);
  EXPECT_THROW(written(std::chrono::sys_days(std::chrono::year(0) / 12 / 31)), std::invalid_argument);
  using nanosecond_time = std::chrono::time_point<system_clock, std::chrono::nanoseconds>;
  EXPECT_FALSE(converts<nanosecond_time>(R"("0001-01-01")"));
}

}  // namespace
}  // namespace hubbub::test
