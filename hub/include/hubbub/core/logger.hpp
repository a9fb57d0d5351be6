// Where the library writes what operators should know.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hubbub::inline v0 {

/// How much a line matters; `off` is only a threshold.
enum class log_level : unsigned char { trace, debug, information, warning, error, off };

/// Takes log lines. `write` is called from all shards at once and must neither block for long nor throw.
/// Secrets (tokens, query strings, message contents) are never handed to it.
class logger {
 public:
  virtual ~logger() = default;
  /// Lines below this level are not even composed. Any thread.
  [[nodiscard]] virtual log_level threshold() const noexcept = 0;
  /// Takes one line without line end. `category` names the part that speaks, e.g. `hub` or `http`. Any thread.
  virtual void write(log_level level, std::string_view category, std::string_view text) noexcept = 0;
  /// True when a line of that level would be written.
  [[nodiscard]] bool writes(log_level level) const noexcept { return level >= threshold(); }
};

/// Text lines on standard error, with time and level.
[[nodiscard]] std::shared_ptr<logger> stderr_logger(log_level threshold = log_level::information);

/// Makes text from a peer fit for a log line: control characters become `?`, long text is cut.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = 200);

}  // namespace hubbub::inline v0
