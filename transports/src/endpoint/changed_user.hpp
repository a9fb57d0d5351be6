// Who goes on with a connection: the user it was made with, or another one.
#pragma once

#include <string_view>

#include "hubbub/connection/connection.hpp"
#include "site.hpp"

namespace hubbub::inline v0 {

class shard_server;

/// True when a request of `who` (null: anonymous) may go on with a connection. The hub's user stays the one who
/// connected; another one is written to the log, and refused where the mapping says so (transports.md 13). `what` came:
/// `a poll`.
[[nodiscard]] bool accepts_user(shard_server& home, const hub_mapping& hub, const connection& of, const principal* who,
                                std::string_view what);

}  // namespace hubbub::inline v0
