// The adapter to Boost.Asio: the only public header of hub/ that includes it.
#pragma once

#include <utility>  // before Asio: Boost 1.74 forgets it

#include <boost/asio/io_context.hpp>

#include "hubbub/core/shard_loop.hpp"

namespace hubbub::inline v0 {

/// The io_context of a shard: its timers, sockets and handlers run on the shard's thread. Valid as long as the shard.
/// Handlers run outside of a turn; wrap what touches connections in `shard::turn`.
[[nodiscard]] inline boost::asio::io_context& io_context_of(shard& home) { return home.loop().context; }

}  // namespace hubbub::inline v0
