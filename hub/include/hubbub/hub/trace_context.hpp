// W3C Trace Context: which trace a message belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub::inline v0 {

/// The trace that a caller was part of, as `traceparent` and `tracestate` tell it (W3C Trace Context, Recommendation
/// of 2021). A value; any thread.
struct trace_context {
  std::string trace_id;    ///< 32 digits of lower-case hexadecimal, never all zero
  std::string parent_id;   ///< 16 such digits: the caller's span
  std::uint8_t flags = 0;  ///< of the caller; the lowest bit: it is recorded
  std::string state;       ///< `tracestate` as it came; empty when there was none, or a malformed one

  /// The caller records the trace.
  [[nodiscard]] bool sampled() const noexcept { return (flags & 1) != 0; }
  /// Reads both headers. Nothing when `traceparent` is malformed (2.2 of the Recommendation), of the forbidden version
  /// ff, or has an id of zeros; what a later version adds behind the flags is left out. A malformed `tracestate` counts
  /// as absent (2.3). Throws nothing but bad_alloc.
  [[nodiscard]] static std::optional<trace_context> parse(std::string_view traceparent,
                                                          std::string_view tracestate = {});
  /// `traceparent` for a call further on, in version 00: with `own_span` (16 digits) instead of the caller's span
  /// unless it is empty.
  [[nodiscard]] std::string traceparent(std::string_view own_span = {}) const;

  [[nodiscard]] friend bool operator==(const trace_context&, const trace_context&) = default;
};

}  // namespace hubbub::inline v0
