// The one exception whose text clients see.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

namespace hubbub::inline v0 {

/// Throw it from a hub method to show its text to the caller (`... HubException: <text>`, hub-protocol.md 12). The text
/// of any other exception stays in the server unless `detailed_errors` is on.
class hub_error : public std::runtime_error {
 public:
  /// With the text for the caller, which may hold anything.
  explicit hub_error(const std::string& text)
      : std::runtime_error(text), text_(std::make_shared<const std::string>(text)) {}
  // Copies and never moves: an exception that was moved from would have no text.
  hub_error(const hub_error&) noexcept = default;
  hub_error& operator=(const hub_error&) noexcept = default;
  ~hub_error() override = default;

  /// The text that clients get, whole: `what()` ends at the first NUL. Lives as long as the exception or a copy of it.
  [[nodiscard]] const std::string& text() const noexcept { return *text_; }

 private:
  std::shared_ptr<const std::string> text_;  // shared: a copy of an exception may not throw
};

}  // namespace hubbub::inline v0
