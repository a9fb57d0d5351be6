// The life of an event stream: everything goes one way.
#include "server_sent_events/event_stream_session.hpp"

#include <utility>

#include "endpoint/post_queue.hpp"
#include "net/poller.hpp"
#include "net/socket.hpp"
#include "shard_server.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr std::size_t most_composed = 16 * 1024;  // small events are copied together up to here
constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace

event_stream_session::event_stream_session(socket& own, connection_ref who, std::uint32_t table_entry,
                                           bool chunked) noexcept
    : socket_(&own), connection_(std::move(who)), table_entry_(table_entry), chunked_(chunked) {}

event_stream_session::~event_stream_session() {
  if (connection_) connection_->detach();
}

shard_server& event_stream_session::server() const noexcept { return socket_->home().owner(); }

void event_stream_session::attach() {
  connection_->set_carries_binary(false);
  connection_->attach(*this, chunked_ ? rendering::event_chunk : rendering::event);
}

// --------------------------------------------------------------------------------------------------------------
// sending

void event_stream_session::on_flush() {
  if (state_ == state::dropped) return close_socket({close_cause::aborted, {}});
  if (socket_->blocked() || !connection_) return;
  const bool was_full = socket_->awaits_room();
  send_out();
  connection_->taken();
  if (socket_->failed()) return close_socket({close_cause::client_left, {}});
  if (socket_->blocked()) {
    // A slow client must not hold the blocks that everybody's small messages share.
    if (!was_full) connection_->waiting().settle(socket_->home().home().buffer());
    return;
  }
  if (state_ != state::finishing) return;
  state_ = state::leaving;
  socket_->start_clock();
  socket_->end_sending();
}

void event_stream_session::flush_now() {
  if (state_ == state::dropped || socket_->blocked() || socket_->failed()) return;
  send_out();
  connection_->taken();
  if (socket_->failed()) socket_->mark_dirty();
}

void event_stream_session::send_out() {
  outbox& waiting = connection_->waiting();
  send_workshop& shop = socket_->home().workshop();
  while (!waiting.empty()) {
    const bytes_view next = waiting.next_write(shop, most_composed, false);
    const std::size_t size = next.size();
    const std::size_t sent = state_ == state::open ? socket_->send_soon(next) : socket_->send(next);
    if (sent != 0) waiting.consume(sent, shop);
    if (sent != size) return;
  }
}

// ---------------------------------------------------------------------------------------------------------------
// ending

void event_stream_session::close_socket(close_reason why) {
  if (connection_) {
    const connection_ref ended = std::exchange(connection_, connection_ref());
    const std::uint32_t entry = std::exchange(table_entry_, connection_table::nowhere);
    ended->ended(std::move(why));
    server().table().erase(entry);
  }
  socket_->close();
}

void event_stream_session::on_peer_gone(bool) { close_socket({close_cause::client_left, {}}); }

void event_stream_session::on_sweep(std::uint32_t now) {
  const server_options& options = server().options();
  const auto too_long = [&](std::chrono::milliseconds limit) { return socket_->waited(now) > limit.count(); };
  // Dropped ones are full as a rule: nobody flushes them until their peer reads again.
  if (state_ == state::dropped) return close_socket({close_cause::aborted, {}});
  if (state_ == state::leaving) {
    if (too_long(options.close_timeout)) close_socket({close_cause::client_left, {}});
    return;
  }
  if (!socket_->blocked()) return;
  if (too_long(options.send_timeout)) {
    return close_socket({close_cause::send_timeout, "the client took nothing for longer than send_timeout"});
  }
  connection_->waiting().settle(socket_->home().home().buffer());
  server().counters().saw_waiting(connection_->waiting_bytes());
}

void event_stream_session::on_stop(bool force) {
  if (force) close_socket({close_cause::server_stopping, {}});  // hubs say goodbye themselves
}

// -----------------------------------------------------------------------------------------------------------------
// link

void event_stream_session::wake() { socket_->mark_dirty(); }

void event_stream_session::finish(ending) {
  if (state_ != state::open) return;
  state_ = state::finishing;
  if (chunked_) {
    turn_buffer& buffer = socket_->home().home().buffer();
    connection_->waiting().push_slice(buffer.store(last_chunk, {}), false, buffer);
  }
  socket_->mark_dirty();
}

void event_stream_session::drop() {
  state_ = state::dropped;
  socket_->mark_dirty();
}

void event_stream_session::pause_reading() { server().table().at(table_entry_).posts->pause(); }

void event_stream_session::resume_reading() { server().table().at(table_entry_).posts->resume(); }

}  // namespace hubbub::inline v0
