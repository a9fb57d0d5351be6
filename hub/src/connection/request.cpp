// Storage and look-ups of an HTTP request.
#include "hubbub/connection/request.hpp"

#include <algorithm>
#include <utility>

#include "hubbub/core/function_ref.hpp"

namespace hubbub::inline v0 {

namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  if (small >= 'a' && small <= 'f') return small - 'a' + 10;
  return -1;
}

enum class decoding : unsigned char {
  plain,
  query,  // `+` is a space
  path,   // a slash that is encoded is no separator, and stays as it is, as in the reference
};

// Decodes into `out`, which is replaced; false when the encoding is broken.
bool decode(std::string_view text, decoding how, std::string& out) {
  out.clear();
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return false;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      if (c == '\0') return false;
      if (c == '/' && how == decoding::path) {
        out.append(text.substr(i, 3));
        i += 2;
        continue;
      }
      i += 2;
    } else if (c == '+' && how == decoding::query) {
      c = ' ';
    }
    out.push_back(c);
  }
  return true;
}

// A query item's name or value; text that cannot be decoded stands for itself, as in the reference.
std::string decoded_item(std::string_view text) {
  std::string out;
  if (text.find_first_of("%+") == std::string_view::npos || !decode(text, decoding::query, out)) out.assign(text);
  return out;
}

// Calls `visit(raw value)` for each query item of that name until it returns false.
void each_item(std::string_view query, std::string_view name, function_ref<bool(std::string_view)> visit) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (item.empty()) continue;
    const std::size_t equals = std::min(item.find('='), item.size());
    if (!equals_ignoring_case(decoded_item(item.substr(0, equals)), name)) continue;
    if (!visit(item.substr(std::min(equals + 1, item.size())))) return;
  }
}

// The path of a target in any form; empty when there is none.
std::string_view raw_path_of(std::string_view target) noexcept {
  target = target.substr(0, target.find('?'));
  if (target.empty() || target.front() == '/' || target == "*") return target;
  const std::size_t authority = target.find("://");  // absolute form
  if (authority == std::string_view::npos) return {};
  const std::size_t path = target.find('/', authority + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] != right[i] && lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  if (!decode(text, plus_is_space ? decoding::query : decoding::plain, out)) return std::nullopt;
  return out;
}

std::string_view request::query_string() const noexcept {
  const std::string_view whole = target();
  const std::size_t mark = whole.find('?');
  return mark == std::string_view::npos ? std::string_view() : whole.substr(mark + 1);
}

std::optional<std::string> request::query(std::string_view name) const {
  std::optional<std::string> found;
  each_item(query_string(), name, [&](std::string_view value) {
    found = decoded_item(value);
    return false;
  });
  return found;
}

std::size_t request::query_count(std::string_view name) const {
  std::size_t count = 0;
  each_item(query_string(), name, [&](std::string_view) {
    ++count;
    return true;
  });
  return count;
}

std::optional<std::string_view> request::header(std::string_view name) const noexcept {
  for (const field& one : fields_) {
    if (one.name.size != name.size()) continue;  // most are told apart by that
    if (equals_ignoring_case(part(one.name), name)) return part(one.value);
  }
  return std::nullopt;
}

std::size_t request::header_count(std::string_view name) const noexcept {
  const auto has_name = [&](const field& one) {
    return one.name.size == name.size() && equals_ignoring_case(part(one.name), name);
  };
  return static_cast<std::size_t>(std::count_if(fields_.begin(), fields_.end(), has_name));
}

std::string request::headers(std::string_view name) const {
  std::string joined;
  bool found = false;
  for (const field& one : fields_) {
    if (!equals_ignoring_case(part(one.name), name)) continue;
    if (found) joined += ", ";
    joined += part(one.value);
    found = true;
  }
  return joined;
}

void request::clear() noexcept {
  text_.clear();
  path_.clear();
  body_.clear();
  remote_address_.clear();
  fields_.clear();
  method_ = target_ = {};
  remote_port_ = 0;
  version_ = 11;
  secure_ = false;
  certificate_.reset();
}

bool request::set_line(std::string_view method, std::string_view target, int version) {
  method_ = store(method);
  target_ = store(target);
  version_ = static_cast<std::uint8_t>(version);
  const std::string_view raw = raw_path_of(target);
  if (raw.empty()) return false;
  if (raw.find('%') != std::string_view::npos) return decode(raw, decoding::path, path_);
  path_.assign(raw);
  return true;
}

void request::add_header(std::string_view name, std::string_view value) {
  const piece stored_name = store(name);
  fields_.push_back({stored_name, store(value)});
}

void request::set_peer(std::string_view address, std::uint16_t port, bool secure) {
  remote_address_.assign(address);
  remote_port_ = port;
  secure_ = secure;
}

void request::keep_only(const std::vector<std::string>& header_names) {
  const auto wanted = [&](const field& one) {
    return std::any_of(header_names.begin(), header_names.end(),
                       [&](const std::string& name) { return equals_ignoring_case(name, part(one.name)); });
  };
  std::size_t room = target_.size;
  std::size_t count = 0;
  for (const field& one : fields_) {
    if (!wanted(one)) continue;
    room += one.name.size + one.value.size;
    ++count;
  }

  request kept;
  kept.text_.reserve(room);  // exactly: this stays for the life of a connection
  kept.fields_.reserve(count);
  kept.target_ = kept.store(target());
  for (const field& one : fields_) {
    if (wanted(one)) kept.add_header(part(one.name), part(one.value));
  }
  kept.path_ = path_;
  kept.remote_address_ = remote_address_;
  kept.remote_port_ = remote_port_;
  kept.version_ = version_;
  kept.secure_ = secure_;
  *this = std::move(kept);
}

request::piece request::store(std::string_view text) {
  const piece where{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(text.size())};
  text_.append(text);
  return where;
}

}  // namespace hubbub::inline v0
