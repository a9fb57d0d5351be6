// How a hub connection writes its small messages; apart from its class because everything that completes calls needs
// it.
#pragma once

#include "hub_connection.hpp"
#include "hubbub/core/shard.hpp"
#include "hubbub/core/wire_buffer.hpp"

namespace hubbub::inline v0 {

template <class Write>
void hub_connection::send_message(Write&& write, bool boundary) {
  wire_buffer& out = link_->home().buffer().scratch();
  write(protocol(), out);
  link_->send_copy(out.view(), boundary);
}

}  // namespace hubbub::inline v0
