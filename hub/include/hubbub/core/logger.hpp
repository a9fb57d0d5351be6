// Where the library writes what operators should know.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub::inline v0 {

/// How much a line matters; `off` is only a threshold.
enum class log_level : unsigned char { trace, debug, information, warning, error, off };

/// What is known of a log line. Views of texts that die with the call.
struct log_record {
  log_level level = log_level::information;
  std::string_view category;         ///< the part that speaks, e.g. `hub` or `http`
  std::string_view message;          ///< without line end; may hold any bytes that came from a peer or an exception
  std::string_view connection_id{};  ///< public id of the connection in question; cut where it is a secret; empty: none
  std::string_view hub_method{};     ///< hub and method, `Chat.JoinRoom`; empty: none
  std::string_view trace_id{};       ///< of the call that the line is about (W3C Trace Context); empty: none
};

/// Takes log lines. `write` and `log` are called from all shards at once and must neither block for long nor throw.
/// Secrets (tokens, query strings, message contents) are never handed to it. One of the two is to be implemented:
/// `write` for text; `log` also, for those who want its parts.
class logger {
 public:
  virtual ~logger() = default;
  /// Lines below this level are not even composed. Any thread.
  [[nodiscard]] virtual log_level threshold() const noexcept = 0;
  /// Takes one line without line end. `category` names the part that speaks, e.g. `hub` or `http`. Any thread.
  virtual void write(log_level level, std::string_view category, std::string_view text) noexcept = 0;
  /// Takes one line with what is known of it; that is what the library calls. If not overridden, it goes to `write`,
  /// with connection, method and trace behind the message. Any thread.
  virtual void log(const log_record& record) noexcept;
  /// Lines that could not be written. Any thread.
  [[nodiscard]] virtual std::uint64_t dropped() const noexcept { return 0; }
  /// True when a line of that level would be written.
  [[nodiscard]] bool writes(log_level level) const noexcept { return level >= threshold(); }
};

/// Text lines on standard error, with time and level. A line that cannot be written at once is dropped and counted.
[[nodiscard]] std::shared_ptr<logger> stderr_logger(log_level threshold = log_level::information);

/// One JSON object a line, as `json_line` makes them, on a file descriptor that stays open: standard error, or 1 for
/// standard output. A line that cannot be written at once is dropped and counted.
[[nodiscard]] std::shared_ptr<logger> json_logger(log_level threshold = log_level::information, int descriptor = 2);

/// A record as JSON, without line end: `time` (UTC, RFC 3339), `level`, `category`, `message` and, where known,
/// `connection`, `method` and `trace`. Control characters are escaped and what is no UTF-8 is replaced, so that it is
/// one line and valid whatever the message holds.
[[nodiscard]] std::string json_line(const log_record& record, std::chrono::system_clock::time_point at);

/// `trace`, `debug`, `information`, `warning`, `error`, `off`.
[[nodiscard]] std::string_view name_of(log_level level) noexcept;

/// Makes text from a peer fit for a log line: control characters become `?`, long text is cut.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = 200);

}  // namespace hubbub::inline v0
