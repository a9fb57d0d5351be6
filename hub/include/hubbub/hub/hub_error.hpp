// The one exception whose text clients see.
#pragma once

#include <stdexcept>

namespace hubbub::inline v0 {

/// Throw it from a hub method to show its text to the caller (`... HubException: <text>`, hub-protocol.md 12). The text
/// of any other exception stays in the server unless `detailed_errors` is on.
class hub_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hubbub::inline v0
