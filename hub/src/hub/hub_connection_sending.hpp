// How a hub connection writes its small messages; apart from its class because everything that completes calls needs
// it.
#pragma once

#include "hub_connection.hpp"
#include "hub_shard.hpp"
#include "hubbub/core/shard.hpp"
#include "hubbub/core/wire_buffer.hpp"

namespace hubbub::inline v0 {

template <class Write>
void hub_connection::send_message(Write&& write, bool boundary) {
  wire_buffer& out = link_->home().buffer().scratch();
  write(protocol(), out);
  queue(out.view(), boundary);
}

inline void hub_connection::queue(bytes_view message, bool boundary) {
  if (link_->send_copy(message, boundary)) place_.traffic().sent[row_].add(message.size());
}

}  // namespace hubbub::inline v0
