// Log lines, as text and as JSON.
#include "hubbub/core/logger.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <utility>

namespace hubbub::inline v0 {
namespace {

// RFC 3339 with milliseconds, in UTC.
std::string stamp(std::chrono::system_clock::time_point at) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const std::time_t whole = seconds.count();
  std::tm parts{};
  gmtime_r(&whole, &parts);
  char text[48];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>((since - seconds).count()));
  return text;
}

// As wide as the others, so that text lines stand in columns.
const char* column_of(log_level level) {
  switch (level) {
    case log_level::trace: return "trace";
    case log_level::debug: return "debug";
    case log_level::information: return "info ";
    case log_level::warning: return "warn ";
    case log_level::error: return "error";
    case log_level::off: break;
  }
  return "off  ";
}

// Bytes of the UTF-8 sequence that `text` begins with; 0 when it is none (RFC 3629, section 4).
std::size_t sequence_size(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool too_long = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool beyond = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  return too_long || beyond ? 0 : size;
}

void put_json_text(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    const char c = text.front();
    const auto byte = static_cast<unsigned char>(c);
    std::size_t size = sequence_size(text);
    if (size == 0) {
      out += "\xef\xbf\xbd";
      size = 1;
    } else if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      ((out += "\\u00") += digits[byte >> 4]) += digits[byte & 15];
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  out += '"';
}

// Writes whole lines with one call each: those of several shards do not mix. What the other end does not take at once
// is lost, and counted: a shard must not wait for a log.
class line_writer {
 public:
  explicit line_writer(int descriptor) noexcept : descriptor_(descriptor) {}
  void put(std::string&& line) {
    // A line that was cut gets its end now, so that only itself is lost.
    if (torn_.exchange(false, std::memory_order_relaxed)) line.insert(line.begin(), '\n');
    const ssize_t written = ::write(descriptor_, line.data(), line.size());
    if (written == static_cast<ssize_t>(line.size())) return;
    if (written > 0) torn_.store(true, std::memory_order_relaxed);
    count_lost();
  }
  void count_lost() noexcept { dropped_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  int descriptor_;
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<bool> torn_{false};
};

class text_logger final : public logger {
 public:
  explicit text_logger(log_level threshold) noexcept : threshold_(threshold) {}
  [[nodiscard]] log_level threshold() const noexcept override { return threshold_; }
  [[nodiscard]] std::uint64_t dropped() const noexcept override { return out_.dropped(); }
  void write(log_level level, std::string_view category, std::string_view text) noexcept override {
    if (!writes(level)) return;
    try {
      std::string line = stamp(std::chrono::system_clock::now());
      (((line += ' ') += column_of(level)) += ' ') += category;
      ((line += ": ") += text) += '\n';
      out_.put(std::move(line));
    } catch (...) {
      out_.count_lost();  // no memory
    }
  }

 private:
  log_level threshold_;
  line_writer out_{2};
};

class json_lines final : public logger {
 public:
  json_lines(log_level threshold, int descriptor) noexcept : threshold_(threshold), out_(descriptor) {}
  [[nodiscard]] log_level threshold() const noexcept override { return threshold_; }
  [[nodiscard]] std::uint64_t dropped() const noexcept override { return out_.dropped(); }
  void write(log_level level, std::string_view category, std::string_view text) noexcept override {
    log({.level = level, .category = category, .message = text});
  }
  void log(const log_record& record) noexcept override {
    if (!writes(record.level)) return;
    try {
      out_.put(json_line(record, std::chrono::system_clock::now()) + '\n');
    } catch (...) {
      out_.count_lost();  // no memory
    }
  }

 private:
  log_level threshold_;
  line_writer out_;
};

}  // namespace

void logger::log(const log_record& record) noexcept {
  // As a rule the message names the method.
  const bool says_method = record.message.find(record.hub_method) != std::string_view::npos;
  if (record.connection_id.empty() && says_method && record.trace_id.empty()) {
    return write(record.level, record.category, record.message);
  }
  try {
    std::string text(record.message);
    auto put = [&, open = " ("](std::string_view name, std::string_view value) mutable {
      ((text += std::exchange(open, ", ")) += name) += value;
    };
    if (!record.connection_id.empty()) put("connection ", record.connection_id);
    if (!says_method) put("method ", record.hub_method);
    if (!record.trace_id.empty()) put("trace ", record.trace_id);
    text += ')';
    write(record.level, record.category, text);
  } catch (...) {
    write(record.level, record.category, record.message);  // no memory for the rest
  }
}

std::string_view name_of(log_level level) noexcept {
  switch (level) {
    case log_level::trace: return "trace";
    case log_level::debug: return "debug";
    case log_level::information: return "information";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
    case log_level::off: break;
  }
  return "off";
}

std::string json_line(const log_record& record, std::chrono::system_clock::time_point at) {
  std::string line = "{\"time\":\"" + stamp(at) + "\",\"level\":\"" + std::string(name_of(record.level)) + '"';
  const auto put = [&line](std::string_view name, std::string_view value) {
    ((line += ",\"") += name) += "\":";
    put_json_text(line, value);
  };
  put("category", record.category);
  put("message", record.message);
  if (!record.connection_id.empty()) put("connection", record.connection_id);
  if (!record.hub_method.empty()) put("method", record.hub_method);
  if (!record.trace_id.empty()) put("trace", record.trace_id);
  line += '}';
  return line;
}

std::shared_ptr<logger> stderr_logger(log_level threshold) { return std::make_shared<text_logger>(threshold); }

std::shared_ptr<logger> json_logger(log_level threshold, int descriptor) {
  return std::make_shared<json_lines>(threshold, descriptor);
}

std::string printable(std::string_view text, std::size_t most) {
  std::string line(text.substr(0, most));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  if (text.size() > most) line += "...";
  return line;
}

}  // namespace hubbub::inline v0
