// Waiting for a client that may come back.
#include "websocket/detached_link.hpp"

#include <utility>

#include "shard_server.hpp"

namespace hubbub::inline v0 {

detached_link::detached_link(shard_server& home, connection& carried, std::uint32_t entry)
    : home_(home), connection_(carried), entry_(entry), since_(home.sockets().now()) {
  connection_.interrupt(*this);
}

detached_link::~detached_link() {
  home_.agenda().remove(*this);
  if (connection_.carrier() == this) connection_.detach();
}

void detached_link::on_sweep(std::uint32_t now) {
  home_.counters().saw_waiting(connection_.waiting_bytes());
  if (now - since_ <= home_.options().disconnect_timeout.count()) return;
  end({close_cause::client_left, "it was resumed by nobody within disconnect_timeout"});
}

void detached_link::finish(ending) { home_.agenda().add(*this); }

void detached_link::drop() { home_.agenda().add(*this); }

void detached_link::act() { end({close_cause::aborted, {}}); }

void detached_link::give_up() { home_.table().reattached(entry_); }

void detached_link::end(close_reason why) {
  const connection_ref ended(&connection_);
  shard_server& home = home_;
  const std::uint32_t entry = entry_;
  ended->ended(std::move(why));
  home.table().erase(entry);  // this object is gone
}

}  // namespace hubbub::inline v0
