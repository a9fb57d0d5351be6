// Reading the headers of a message, which its envelope keeps encoded.
#include "hubbub/hub/message_headers.hpp"

#include "hubbub/protocol/hub_protocol.hpp"

namespace hubbub::inline v0 {

std::optional<std::string_view> message_headers::get(std::string_view name) const noexcept {
  for (const header* one = end(); one != begin();) {
    if ((--one)->first == name) return one->second;
  }
  return std::nullopt;
}

std::optional<trace_context> message_headers::trace() const {
  const auto parent = get("traceparent");
  return parent ? trace_context::parse(*parent, get("tracestate").value_or(std::string_view())) : std::nullopt;
}

message_headers read_headers(const hub_protocol& protocol, bytes_view encoded) {
  if (encoded.empty()) return {};
  std::vector<message_headers::header> all;
  const auto read = [&](value_reader& reader) {
    if (!reader.enter_object()) return;
    std::string_view name;
    while (reader.next_member(name)) {
      message_headers::header& one = all.emplace_back(name, std::string());
      if (!reader.read(one.second)) return;
    }
  };
  protocol.with_reader(encoded, read);
  return message_headers(std::move(all));
}

}  // namespace hubbub::inline v0
