// The connection port: what happens between the hub's calls and the link's.
#include "hubbub/connection/connection.hpp"

#include <cstdint>
#include <utility>

#include "hubbub/connection/event_stream.hpp"
#include "hubbub/connection/frame_header.hpp"

namespace hubbub::inline v0 {

connection::connection(shard& home, const connection_limits& limits)
    : limits_(&limits), home_(&home), id_(connection_id::make(home.index())) {}

connection::~connection() { outbox_.clear(home_->buffer()); }

void connection::attach(link& carrier, rendering wanted) {
  link_ = &carrier;
  framed_ = wanted == rendering::websocket || wanted == rendering::event_chunk;
  as_events_ = wanted == rendering::event || wanted == rendering::event_chunk;
  transport_ = as_events_                     ? transport_kind::server_sent_events
               : wanted == rendering::payload ? transport_kind::long_polling
                                              : transport_kind::web_sockets;
  awake_ = false;
  if (!outbox_.empty()) queued();
}

bool connection::accepts(std::size_t size) {
  if (finished_ || sealed_) return false;
  if (outbox_.size() + size <= limits_->outbox || outbox_.empty()) return true;
  if (link_ != nullptr) link_->flush_now();
  // What must be sent again was let in before.
  const std::size_t again = outbox_.window() == nullptr ? 0 : outbox_.window()->again_bytes();
  if (outbox_.size() + size <= limits_->outbox + again || outbox_.empty()) return true;
  sealed_ = true;
  if (receiver_ != nullptr) receiver_->on_outbox_full();
  return false;
}

// Exchanges the reference of a frame for one of its event.
frame* connection::event_of(frame* adopted) {
  const frame_ref message(adopted);
  frame& event = message->event();
  event.acquire();
  return &event;
}

void connection::send_event_copy(bytes_view payload, bool boundary) {
  if (payload.find('\n') != bytes_view::npos) {  // several lines: not worth a path of its own
    return outbox_.push(outbox_entry(event_of(frame::make(format_, payload)), framed_, boundary));
  }
  char head[max_chunk_head + event_line_start.size()];
  std::size_t head_size = 0;
  if (framed_) {
    head_size = write_chunk_head(head, event_line_start.size() + payload.size() + 2 * event_line_end.size());
  }
  head_size += event_line_start.copy(head + head_size, event_line_start.size());
  constexpr std::string_view tail = "\r\n\r\n\r\n";  // of the line, the event, the chunk
  turn_buffer& buffer = home_->buffer();
  outbox_.push_slice(buffer.store({head, head_size}, payload, tail.substr(framed_ ? 0 : 2)), boundary, buffer);
}

bool connection::send_copy(bytes_view payload, bool boundary) {
  // What is kept until it is acknowledged must not hold the blocks that everybody's small messages share.
  if (outbox_.window() != nullptr && !boundary) return send_adopted(frame::make(format_, payload));
  if (!accepts(payload.size())) return false;
  if (as_events_) {
    send_event_copy(payload, boundary);
    queued();
    return true;
  }
  char header[max_frame_header];
  std::size_t header_size = 0;
  if (framed_) {
    const auto opcode = format_ == transfer_format::text ? frame_opcode::text : frame_opcode::binary;
    header_size = write_frame_header(header, opcode, payload.size());
  }
  outbox_.push_slice(home_->buffer().store({header, header_size}, payload), boundary, home_->buffer());
  queued();
  return true;
}

std::string connection::id_for_logs() const {
  std::string text = id_.text();
  if (!id_is_secret_) return text;
  constexpr std::size_t shown = 6;  // enough to tell connections apart, and 76 bits are left to guess
  text.resize(shown);
  return text + "...";
}

void connection::finish(ending how) {
  if (finished_) return;
  finished_ = true;
  receiver_ = nullptr;
  outbox_.forget_sent();
  if (link_ != nullptr) link_->finish(how);
}

void connection::drop() {
  finished_ = true;
  receiver_ = nullptr;
  outbox_.forget_sent();
  if (link_ != nullptr) link_->drop();
}

void connection::pause_input() {
  if (sent_window* window = outbox_.window()) {
    window->lift(limits_->outbox);
    if (link_ != nullptr) link_->wake();
  }
  if (link_ != nullptr) link_->pause_reading();
}

void connection::resume_input() {
  if (sent_window* window = outbox_.window()) window->lift(0);
  if (link_ != nullptr) link_->resume_reading();
}

void connection::ended(close_reason why) {
  link_ = nullptr;
  finished_ = true;
  outbox_.clear(home_->buffer());
  if (receiver_ == nullptr) return;
  connection_receiver* told = std::exchange(receiver_, nullptr);
  told->on_closed(std::move(why));
}

bool connection::send_ahead(frame* adopted) {
  // A client that takes hardly anything must not have Acks heaped up for it.
  const std::size_t again = outbox_.window() == nullptr ? 0 : outbox_.window()->again_bytes();
  const bool crowded = outbox_.size() > limits_->outbox + again;
  if (finished_ || sealed_ || interrupted_ || crowded || link_ == nullptr) {
    adopted->release();
    return false;
  }
  outbox_.push_ahead(outbox_entry(adopted, framed_, true));
  awake_ = true;
  link_->wake();  // also when a full window holds back what waits already
  return true;
}

void connection::acknowledged(std::int64_t number) {
  sent_window* const window = outbox_.window();
  if (window == nullptr) return;
  const bool was_open = window->open();
  window->acknowledge(number);
  if (!was_open && link_ != nullptr && !outbox_.empty()) link_->wake();
}

void connection::stop_resuming() {
  outbox_.forget_sent();
  if (link_ != nullptr && !outbox_.empty()) link_->wake();
}

void connection::interrupt(link& stand_in) {
  outbox_.settle(home_->buffer());
  link_ = &stand_in;
  interrupted_ = true;
}

void connection::resume(link& carrier, bytes_view greeting) {
  if (link_ != nullptr) std::exchange(link_, nullptr)->give_up();
  link_ = &carrier;
  interrupted_ = false;
  outbox_.rewind(home_->buffer(), framed_);
  awake_ = true;  // woken below, when everything is in its order
  if (!greeting.empty()) outbox_.push_ahead(outbox_entry(home_->buffer().store({}, greeting), true));
  if (receiver_ != nullptr) {
    // However much waits: without a Sequence the client takes nothing of it.
    connection_limits boundless = *limits_;
    boundless.outbox = SIZE_MAX / 2;
    struct limits_again {
      const connection_limits*& place;
      const connection_limits* own;
      ~limits_again() { place = own; }
    } const after{limits_, std::exchange(limits_, &boundless)};
    receiver_->on_resumed();
  }
  link_->wake();
}

void connection::drained() {
  draining_ = false;
  if (receiver_ != nullptr) receiver_->on_drained();
}

}  // namespace hubbub::inline v0
