// Log lines on standard error.
#include "hubbub/core/logger.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>

namespace hubbub::inline v0 {
namespace {

const char* name_of(log_level level) {
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

class to_stderr final : public logger {
 public:
  explicit to_stderr(log_level threshold) noexcept : threshold_(threshold) {}
  [[nodiscard]] log_level threshold() const noexcept override { return threshold_; }
  void write(log_level level, std::string_view category, std::string_view text) noexcept override {
    if (!writes(level)) return;
    const auto now = std::chrono::system_clock::now();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
    // One call per line: lines of several shards do not mix.
    std::fprintf(stderr, "%s.%03dZ %s %.*s: %.*s\n", stamp, static_cast<int>(millis), name_of(level),
                 static_cast<int>(category.size()), category.data(), static_cast<int>(text.size()), text.data());
  }

 private:
  log_level threshold_;
};

}  // namespace

std::shared_ptr<logger> stderr_logger(log_level threshold) { return std::make_shared<to_stderr>(threshold); }

std::string printable(std::string_view text, std::size_t most) {
  std::string line(text.substr(0, most));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  if (text.size() > most) line += "...";
  return line;
}

}  // namespace hubbub::inline v0
