// Files of a directory as HTTP answers: nothing above the root, nothing hidden, 304 for what the client has.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "hubbub/connection/request.hpp"
#include "hubbub/http.hpp"

namespace hubbub::inline v0 {

/// Serves the files below a root. Immutable: any thread. Reads files, so it belongs on the blocking pool.
class static_directory {
 public:
  /// Serves `root`, reached under the URL path `prefix` (`/` or `/files`). Throws std::invalid_argument when `root`
  /// is no directory. Files above `max_file` bytes are answered with 413.
  static_directory(const std::filesystem::path& root, std::string prefix, std::size_t max_file = 64 * 1024 * 1024);

  /// The answer to a GET or HEAD (the body of a HEAD is dropped by the writer); 405 for other methods.
  [[nodiscard]] response answer(const request& asked) const;

 private:
  [[nodiscard]] response file_answer(const request& asked, const std::filesystem::path& where) const;

  std::filesystem::path root_;  // canonical
  std::string prefix_;          // without trailing slash
  std::size_t max_file_;
};

/// `text/html; charset=utf-8` for `.html`, ...; `application/octet-stream` for what is not known.
[[nodiscard]] std::string_view content_type_of(std::string_view file_name) noexcept;

}  // namespace hubbub::inline v0
