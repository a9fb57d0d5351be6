// What the testing kit throws: failed expectations, and errors that a real client would report.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace hubbub::inline v0::testing {

/// Something that a test expected did not come, or came otherwise: the text says what was expected, of whom, where in
/// the test, and what came instead. Every test framework shows the text of an exception that leaves a test.
class test_failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A call or a stream ended with an error. `what()` is the text that the client got.
class invocation_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;

  /// The text of the `hub_error` that the hub threw; empty when it was anything else.
  [[nodiscard]] std::string hub_error_text() const {
    constexpr const char* mark = "HubException: ";
    const std::string text = what();
    const std::size_t at = text.find(mark);
    return at == std::string::npos ? std::string() : text.substr(at + std::string(mark).size());
  }
};

/// A client was refused, or its connection has ended. `what()` is the text that the client got, or says how it ended.
class connection_error : public std::runtime_error {
 public:
  explicit connection_error(const std::string& text, int status = 0) : std::runtime_error(text), status_(status) {}
  /// What a server had answered to the request: 401 or 403; 0 when the connection came about and ended later.
  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  int status_;
};

}  // namespace hubbub::inline v0::testing
