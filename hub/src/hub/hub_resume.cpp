// Stateful reconnect at the hub (hub-protocol.md 10): what is numbered, acknowledged, and done when a client is back.
#include <algorithm>
#include <utility>

#include "hub_connection_sending.hpp"
#include "hub_shard.hpp"

namespace hubbub::inline v0 {

void hub_connection::begin_stateful() {
  stateful_ = true;
  rare().received = std::make_unique<received_numbers>();
  link_->keep_sent(place_.definition().settings.stateful_reconnect_buffer_size);
}

template <class Write>
bool hub_connection::send_ahead(Write&& write) {
  wire_buffer& out = home().buffer().scratch();
  write(protocol(), out);
  return send_frame_ahead(frame::make(protocol().format(), out.view()));
}

bool hub_connection::send_frame_ahead(frame* adopted) {
  const std::size_t size = adopted->payload().size();
  if (!link_->send_ahead(adopted)) return false;
  place_.traffic().sent[row_].add(size);
  return true;
}

// Every message of these types, whatever becomes of it (hub-protocol.md 10.1).
bool hub_connection::takes_numbered(const hub_message& message, std::size_t size) {
  if (message.type < message_type::invocation || message.type > message_type::cancel_invocation) return true;
  // Before, and not for this one: it may have to wait for its turn, and what has not begun must not be acknowledged.
  if (rare_->received->presses()) acknowledge();
  return rare_->received->take(size);
}

void hub_connection::take_sequence(std::int64_t number) {
  if (rare_->received->restart(number)) return;
  fail_protocol(close_cause::protocol_error, "Sequence ID greater than amount of messages we've received.",
                "InvalidOperationException");
}

void hub_connection::acknowledge() {
  const auto number = rare_->received->next_ack();
  if (!number) return;
  const auto write = [&](const hub_protocol& protocol, wire_buffer& out) { protocol.write_ack(out, *number); };
  // A client whose buffer is full says nothing new before it has seen an Ack: none may be forgotten.
  if (!send_ahead(write)) rare_->received->ack_lost();
}

// While a message waits for its turn, those behind it are not read; but without the Acks among them what the running
// methods send could stop, and with it the methods.
void hub_connection::look_for_acks() {
  unread_bytes& kept = *unread_;
  hub_message& message = place_.message();
  if (kept.peeked < kept.at) {
    kept.peeked = kept.at;
    kept.peeked_scanned = 0;
  }
  while (state_ < state::closing) {
    const bytes_view rest = bytes_view(kept.bytes).substr(kept.peeked);
    const message_cut found = protocol().cut(rest, kept.peeked_scanned, place_.definition().settings.max_message_size);
    if (found.found != message_cut::outcome::whole) return;
    kept.peeked_scanned = 0;
    const bytes_view encoded = rest.substr(found.begin, found.size);
    if (protocol().parse(encoded, message) == parse_status::message && message.type == message_type::ack) {
      link_->acknowledged(message.sequence_id);
    }
    kept.peeked += found.used;
  }
}

// About once a second.
void hub_connection::look_after_acks() {
  acknowledge();
  // Nothing is read until a method ends, which waits until what it sends leaves, for which Acks must be read that lie
  // further back than is kept of what a client says in advance. Messages that may be lost are better than none.
  const sent_window* const window = link_->waiting().window();
  if (!input_paused_ || window == nullptr || window->open() || link_->waiting_bytes() == 0) return;
  log(log_level::information,
      "a client sent so much in advance that its Acks cannot be read: its connection cannot be resumed any more");
  link_->stop_resuming();
}

void hub_connection::on_resumed() {
  // What was not read yet was not acknowledged: the client sends it again, and whole.
  unread_.reset();
  if (input_paused_) {
    input_paused_ = false;
    link_->resume_input();
  }
  last_heard_ = stamp();
  rare_->received->resumed();
  place_.counters().resumed();
  home_log("a client came back over another WebSocket: its connection goes on");
  send_ahead([this](const hub_protocol& protocol, wire_buffer& out) {
    protocol.write_sequence(out, link_->first_unacknowledged());
  });
}

}  // namespace hubbub::inline v0
