// Who shall receive a message: a value that every shard and node understands.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "hubbub/connection/connection_id.hpp"

namespace hubbub::inline v0 {

/// All, connections, groups or users, minus exceptions. A value.
struct audience {
  enum class kind : std::uint8_t { all, connections, groups, users };
  kind whom = kind::all;
  std::vector<std::string> names;          ///< groups or users; a member of two listed groups receives twice
  std::vector<connection_id> connections;  ///< for `connections`
  std::vector<connection_id> except;       ///< for `all` and `groups`
};

}  // namespace hubbub::inline v0
