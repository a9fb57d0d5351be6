// Durations and times in messages: text in JSON; ticks, day numbers and the timestamp extension in MessagePack. Text is
// read in both.
//
//   timestamp, extension type -1:   4 bytes  seconds (32 bits)
//                                   8 bytes  nanoseconds (30 bits), seconds (34 bits)
//                                  12 bytes  nanoseconds (32 bits), seconds (64 bits, signed)
#include "hubbub/protocol/chrono_codec.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

#include "chrono_text.hpp"
#include "msgpack_format.hpp"

namespace hubbub::inline v0::detail {
namespace {

using chrono_text::ticks_per_day;
using chrono_text::ticks_per_second;
using std::chrono::sys_days;

constexpr std::int64_t nanoseconds_per_tick = 100;
constexpr std::int8_t timestamp_type = -1;
constexpr sys_days first_day = sys_days(std::chrono::year(1) / 1 / 1);
constexpr std::int64_t last_day_number = 3'652'058;  // of the year 9999
constexpr wire_ticks first_tick = first_day.time_since_epoch();
constexpr wire_ticks past_last_tick = first_tick + std::chrono::days(last_day_number + 1);

template <class Parse>
bool read_text(value_reader& reader, Parse parse) {
  std::string_view text;
  return reader.read_text(text) && parse(text);
}

// Ticks as a number, or as text.
bool read_ticks(value_reader& reader, wire_ticks& value) {
  std::int64_t ticks = 0;
  const bool is_number = !reader.is_text() && reader.peek() != value_kind::string;
  const bool read =
      is_number ? reader.read(ticks)
                : read_text(reader, [&](std::string_view text) { return chrono_text::parse_duration(text, ticks); });
  value = wire_ticks(ticks);
  return read;
}

void write_ticks(value_writer& writer, wire_ticks value) {
  if (!writer.is_text()) return writer.write(std::int64_t{value.count()});
  writer.write(chrono_text::duration_text(value.count()).text());
}

bool from_parts(std::int64_t seconds, std::uint64_t nanoseconds, std::int64_t& ticks) noexcept {
  constexpr std::int64_t most_seconds = 922'337'203'685;
  if (nanoseconds >= 1'000'000'000 || seconds >= most_seconds || seconds <= -most_seconds) return false;
  ticks = seconds * ticks_per_second + static_cast<std::int64_t>(nanoseconds) / nanoseconds_per_tick;
  return true;
}

bool parse_timestamp(bytes_view content, std::int64_t& ticks) noexcept {
  switch (content.size()) {
    case 4: return from_parts(msgpack::load<std::uint32_t>(content.data()), 0, ticks);
    case 8: {
      const auto both = msgpack::load<std::uint64_t>(content.data());
      return from_parts(static_cast<std::int64_t>(both & 0x3'ffff'ffff), both >> 34, ticks);
    }
    case 12:
      return from_parts(static_cast<std::int64_t>(msgpack::load<std::uint64_t>(content.data() + 4)),
                        msgpack::load<std::uint32_t>(content.data()), ticks);
    default: return false;
  }
}

void write_timestamp(value_writer& writer, std::int64_t ticks) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wire_ticks(ticks)).count();
  const auto nanoseconds = static_cast<std::uint64_t>(ticks - seconds * ticks_per_second) * nanoseconds_per_tick;
  char room[12];
  char* end = room;
  if (seconds < 0 || seconds > 0x3'ffff'ffff) {
    end = msgpack::store(msgpack::store(room, static_cast<std::uint32_t>(nanoseconds)),
                         static_cast<std::uint64_t>(seconds));
  } else if (nanoseconds != 0 || seconds > 0xffff'ffff) {
    end = msgpack::store(room, nanoseconds << 34 | static_cast<std::uint64_t>(seconds));
  } else {
    end = msgpack::store(room, static_cast<std::uint32_t>(seconds));
  }
  writer.write_extension(timestamp_type, {room, static_cast<std::size_t>(end - room)});
}

bool read_timestamp(value_reader& reader, std::int64_t& ticks) {
  std::int8_t type = 0;
  bytes_view content;
  return reader.read_extension(type, content) && type == timestamp_type && parse_timestamp(content, ticks);
}

// What .NET makes of a DateTimeOffset: the local time as if it were UTC, then the minutes it is ahead.
bool read_time_with_offset(value_reader& reader, std::int64_t& ticks) {
  std::int64_t minutes = 0;
  const bool read = reader.enter_array() && reader.next_element() && read_timestamp(reader, ticks) &&
                    reader.next_element() && reader.read(minutes) && !reader.next_element() && reader.ok();
  if (!read || minutes < -14 * 60 || minutes > 14 * 60) return false;
  ticks -= minutes * 60 * ticks_per_second;
  return true;
}

}  // namespace

void throw_duration_out_of_range() {
  throw std::invalid_argument("a duration or time is beyond what a message can carry");
}

bool read_duration(value_reader& reader, wire_ticks& value) { return read_ticks(reader, value); }
void write_duration(value_writer& writer, wire_ticks value) { write_ticks(writer, value); }

bool read_time(value_reader& reader, wire_ticks& since_1970) {
  std::int64_t ticks = 0;
  bool read = false;
  switch (reader.peek()) {
    case value_kind::string:
      read = read_text(reader, [&](std::string_view text) { return chrono_text::parse_time(text, ticks); });
      break;
    case value_kind::extension: read = read_timestamp(reader, ticks); break;
    case value_kind::array: read = !reader.is_text() && read_time_with_offset(reader, ticks); break;
    default: break;
  }
  since_1970 = wire_ticks(ticks);
  return read && since_1970 >= first_tick && since_1970 < past_last_tick;
}

void write_time(value_writer& writer, wire_ticks since_1970) {
  if (since_1970 < first_tick || since_1970 >= past_last_tick) throw_duration_out_of_range();
  if (!writer.is_text()) return write_timestamp(writer, since_1970.count());
  writer.write(chrono_text::time_text(since_1970.count()).text());
}

bool read_extension_as_text(value_reader& reader, std::string& text) {
  wire_ticks since_1970{};
  if (!read_time(reader, since_1970)) return false;
  text = chrono_text::time_text(since_1970.count()).text();
  return true;
}

bool builtin_codec<std::chrono::year_month_day>::read(value_reader& reader, std::chrono::year_month_day& value) {
  if (reader.is_text() || reader.peek() == value_kind::string) {
    return read_text(reader, [&](std::string_view text) { return chrono_text::parse_date(text, value); });
  }
  std::int64_t number = 0;
  if (!reader.read(number) || number < 0 || number > last_day_number) return false;
  value = first_day + std::chrono::days(number);
  return true;
}

void builtin_codec<std::chrono::year_month_day>::write(value_writer& writer, const std::chrono::year_month_day& value) {
  const bool known = value.ok() && value.year() >= std::chrono::year(1) && value.year() <= std::chrono::year(9999);
  if (!known) throw_duration_out_of_range();
  if (!writer.is_text()) return writer.write(std::int64_t{(sys_days(value) - first_day).count()});
  writer.write(chrono_text::date_text(value).text());
}

bool read_time_of_day(value_reader& reader, wire_ticks& value) {
  return read_ticks(reader, value) && value.count() >= 0 && value.count() < ticks_per_day;
}

void write_time_of_day(value_writer& writer, wire_ticks value) {
  if (value.count() < 0 || value.count() >= ticks_per_day) throw_duration_out_of_range();
  write_ticks(writer, value);
}

}  // namespace hubbub::inline v0::detail
