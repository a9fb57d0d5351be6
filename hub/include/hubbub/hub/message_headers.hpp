// The headers of a message: texts beside the arguments of a call, by name.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hubbub/core/bytes.hpp"
#include "hubbub/hub/trace_context.hpp"

namespace hubbub::inline v0 {

class hub_protocol;

/// Headers that a client sent with a call (hub-protocol.md 3), which are not those of its HTTP requests. As a parameter
/// of a hub method they are filled in and not counted as an argument; a method without such a parameter pays nothing
/// for them. Names are compared letter by letter. A value whose copies share their texts; any thread.
class message_headers {
 public:
  using header = std::pair<std::string, std::string>;

  message_headers() noexcept = default;
  explicit message_headers(std::vector<header> all)
      : all_(all.empty() ? nullptr : std::make_shared<const std::vector<header>>(std::move(all))) {}

  [[nodiscard]] bool empty() const noexcept { return all_ == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return all_ == nullptr ? 0 : all_->size(); }
  /// All of them in the order of the message; a name that came twice is there twice.
  [[nodiscard]] const header* begin() const noexcept { return all_ == nullptr ? nullptr : all_->data(); }
  [[nodiscard]] const header* end() const noexcept { return begin() + size(); }
  /// The value of a name: the last one that came, as in the reference. Valid as long as a copy of these headers.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
  /// The trace that `traceparent` and `tracestate` tell; nothing when they are absent or malformed.
  [[nodiscard]] std::optional<trace_context> trace() const;

 private:
  std::shared_ptr<const std::vector<header>> all_;
};

/// Reads headers from a slice that `parse` gave. Any thread.
[[nodiscard]] message_headers read_headers(const hub_protocol& protocol, bytes_view encoded);

}  // namespace hubbub::inline v0
