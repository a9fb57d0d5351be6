// A logger that keeps its lines, for tests whose subject is the log.
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/core/logger.hpp"

namespace hubbub_test {

/// Keeps every line as `level category: text`. Any thread.
class recording_logger final : public hubbub::logger {
 public:
  explicit recording_logger(hubbub::log_level threshold = hubbub::log_level::information) noexcept
      : threshold_(threshold) {}
  [[nodiscard]] hubbub::log_level threshold() const noexcept override { return threshold_; }
  void write(hubbub::log_level level, std::string_view category, std::string_view text) noexcept override {
    std::lock_guard lock(mutex_);
    lines_.push_back(std::string(name_of(level)) + " " + std::string(category) + ": " + std::string(text));
  }

  /// The lines so far.
  [[nodiscard]] std::vector<std::string> lines() const {
    std::lock_guard lock(mutex_);
    return lines_;
  }
  /// How many lines hold `text`.
  [[nodiscard]] std::size_t count(std::string_view text) const {
    std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(
        lines_.begin(), lines_.end(), [&](const std::string& line) { return line.find(text) != std::string::npos; }));
  }

 private:
  static std::string_view name_of(hubbub::log_level level) noexcept {
    switch (level) {
      case hubbub::log_level::trace: return "trace";
      case hubbub::log_level::debug: return "debug";
      case hubbub::log_level::information: return "information";
      case hubbub::log_level::warning: return "warning";
      case hubbub::log_level::error: return "error";
      case hubbub::log_level::off: break;
    }
    return "off";
  }

  hubbub::log_level threshold_;
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace hubbub_test
