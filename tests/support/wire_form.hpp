// Hub messages as tests see them, JSON objects, and as they are on the wire in either protocol. The MessagePack side is
// nlohmann's, so that no encoder is tried with itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace hubbub_test {

enum class wire_form : std::uint8_t { json, messagepack };

/// The name for the handshake.
[[nodiscard]] const char* name_of(wire_form form) noexcept;
/// Bytes with the framing of a message around them.
[[nodiscard]] std::string framed(std::string_view content, wire_form form);
/// A message with its framing.
[[nodiscard]] std::string encoded(const nlohmann::json& message, wire_form form);
/// Takes the first whole message from the front of `received`; nothing when there is none yet. One that cannot be read
/// is a discarded value.
[[nodiscard]] std::optional<nlohmann::json> take_message(std::string& received, wire_form form);

}  // namespace hubbub_test
