// Files below a root. The path is judged as text first and the file it led to once more after all links are followed.
#include "http/static_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "http/http_text.hpp"
#include "http/router.hpp"

namespace hubbub::inline v0 {

namespace {

namespace fs = std::filesystem;

class file {
 public:
  explicit file(const fs::path& path) noexcept
      // O_NONBLOCK: a pipe in the directory must not hold us; O_NOFOLLOW: all links were followed already.
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {}
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  [[nodiscard]] bool is_regular(struct stat& facts) const noexcept {
    return descriptor_ >= 0 && ::fstat(descriptor_, &facts) == 0 && S_ISREG(facts.st_mode);
  }

  [[nodiscard]] bool read_all(std::string& out, std::size_t size) const {
    out.resize(size);
    std::size_t got = 0;
    while (got < size) {
      const ssize_t more = ::read(descriptor_, out.data() + got, size - got);
      if (more < 0 && errno == EINTR) continue;
      if (more <= 0) return false;  // shorter than a moment ago: the ETag would lie
      got += static_cast<std::size_t>(more);
    }
    return true;
  }

 private:
  int descriptor_;
};

// No segment is empty, hidden or a way up; nothing another system would take for a separator.
bool is_plain(std::string_view relative) noexcept {
  if (relative.find_first_of(std::string_view("\\\0", 2)) != std::string_view::npos) return false;
  while (!relative.empty()) {
    const std::size_t end = std::min(relative.find('/'), relative.size());
    const std::string_view segment = relative.substr(0, end);
    if (segment.empty() || segment.front() == '.') return false;
    relative.remove_prefix(std::min(end + 1, relative.size()));
  }
  return true;
}

bool reads(const request& asked) { return asked.method() == "GET" || asked.method() == "HEAD"; }

void put_hex(std::string& out, std::uint64_t number) {
  char digits[16];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), number, 16).ptr);
}

// Changes with every write: time of the last one to the nanosecond, size, and the file itself when it is replaced.
std::string etag_of(const struct stat& facts) {
  std::string tag = "\"";
  put_hex(tag, static_cast<std::uint64_t>(facts.st_mtim.tv_sec));
  tag += '.';
  put_hex(tag, static_cast<std::uint64_t>(facts.st_mtim.tv_nsec));
  tag += '.';
  put_hex(tag, static_cast<std::uint64_t>(facts.st_size));
  tag += '.';
  put_hex(tag, static_cast<std::uint64_t>(facts.st_ino));
  tag += '"';
  return tag;
}

// RFC 9110, 13.1.2: compared weakly. Our tags hold no comma, so cutting at commas finds them.
bool client_has(std::string_view list, std::string_view tag) noexcept {
  if (http_text::trimmed(list) == "*") return true;
  for (;;) {
    const std::size_t comma = list.find(',');
    std::string_view one = http_text::trimmed(list.substr(0, comma));
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == tag) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

std::string percent_encoded_path(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                       std::string_view("-._~/!$&'()*+,;=:@").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

response not_found() { return response::text("Not found", 404); }

response moved_to_slash(const request& asked) {
  std::string location = percent_encoded_path(asked.path()) + '/';
  if (!asked.query_string().empty()) location.append("?").append(asked.query_string());
  response answer = response::text("", 301);
  answer.headers.emplace_back("Location", std::move(location));
  return answer;
}

}  // namespace

static_directory::static_directory(const fs::path& root, std::string prefix, std::size_t max_file)
    : prefix_(std::move(prefix)), max_file_(max_file) {
  std::error_code error;
  root_ = fs::canonical(root, error);
  if (error || !fs::is_directory(root_, error)) {
    throw std::invalid_argument("serve_directory: '" + root.string() + "' is not a directory");
  }
  if (prefix_.empty() || prefix_.front() != '/') {
    throw std::invalid_argument("serve_directory: path '" + prefix_ + "' does not begin with '/'");
  }
  while (prefix_.ends_with('/')) prefix_.pop_back();
}

response static_directory::answer(const request& asked) const {
  std::string_view relative = asked.path();
  if (!is_below(prefix_.empty() ? "/" : prefix_, relative)) return not_found();
  relative.remove_prefix(prefix_.size());
  if (relative.empty()) return reads(asked) ? moved_to_slash(asked) : not_found();
  relative.remove_prefix(1);
  if (!is_plain(relative)) return not_found();

  std::error_code error;
  fs::path where = fs::canonical(root_ / relative, error);
  if (error) return not_found();
  if (fs::is_directory(where, error)) {
    if (!relative.empty() && relative.back() != '/') return reads(asked) ? moved_to_slash(asked) : not_found();
    where = fs::canonical(where / "index.html", error);
    if (error) return not_found();
  } else if (relative.ends_with('/')) {
    return not_found();
  }
  // Links may lead about inside the root; not out of it, and not to what is hidden.
  const fs::path inside = where.lexically_relative(root_);
  if (inside.empty() || !is_plain(inside.native())) return not_found();
  return file_answer(asked, where);
}

response static_directory::file_answer(const request& asked, const fs::path& where) const {
  const file opened(where);
  struct stat facts {};
  if (!opened.is_regular(facts)) return not_found();
  // Only here: where no file is, nothing can be posted either, and a client that misspelt its hub's path is told so.
  if (!reads(asked)) {
    response refusal = response::text("Method not allowed", 405);
    refusal.headers.emplace_back("Allow", "GET, HEAD");
    return refusal;
  }

  response answer;
  std::string tag = etag_of(facts);
  const bool fresh = client_has(asked.headers("If-None-Match"), tag);
  answer.headers.emplace_back("ETag", std::move(tag));
  answer.headers.emplace_back("Cache-Control", "no-cache");  // keep it, but ask whether it is still the one
  if (fresh) {
    answer.status = 304;
    answer.content_type.clear();
    return answer;
  }
  if (static_cast<std::uint64_t>(facts.st_size) > max_file_) return response::text("The file is too large", 413);
  answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
  answer.content_type = content_type_of(where.native());
  if (!opened.read_all(answer.body, static_cast<std::size_t>(facts.st_size))) {
    return response::text("The file cannot be read", 500);
  }
  return answer;
}

std::string_view content_type_of(std::string_view file_name) noexcept {
  struct known {
    std::string_view extension;
    std::string_view type;
  };
  constexpr std::array<known, 27> types{{
      {"html", "text/html; charset=utf-8"},
      {"htm", "text/html; charset=utf-8"},
      {"js", "text/javascript; charset=utf-8"},
      {"mjs", "text/javascript; charset=utf-8"},
      {"css", "text/css; charset=utf-8"},
      {"json", "application/json"},
      {"map", "application/json"},
      {"svg", "image/svg+xml"},
      {"png", "image/png"},
      {"jpg", "image/jpeg"},
      {"jpeg", "image/jpeg"},
      {"gif", "image/gif"},
      {"webp", "image/webp"},
      {"avif", "image/avif"},
      {"ico", "image/x-icon"},
      {"txt", "text/plain; charset=utf-8"},
      {"md", "text/markdown; charset=utf-8"},
      {"xml", "application/xml"},
      {"csv", "text/csv; charset=utf-8"},
      {"pdf", "application/pdf"},
      {"wasm", "application/wasm"},
      {"woff", "font/woff"},
      {"woff2", "font/woff2"},
      {"ttf", "font/ttf"},
      {"mp3", "audio/mpeg"},
      {"mp4", "video/mp4"},
      {"webmanifest", "application/manifest+json"},
  }};
  const std::size_t slash = file_name.rfind('/');
  if (slash != std::string_view::npos) file_name.remove_prefix(slash + 1);
  const std::size_t dot = file_name.rfind('.');
  if (dot != std::string_view::npos) {
    const std::string_view extension = file_name.substr(dot + 1);
    for (const known& one : types) {
      if (equals_ignoring_case(one.extension, extension)) return one.type;
    }
  }
  return "application/octet-stream";
}

}  // namespace hubbub::inline v0
