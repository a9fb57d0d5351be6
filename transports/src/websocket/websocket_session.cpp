// The life of a WebSocket after its upgrade: data, control frames, the close handshake in both directions.
#include "websocket/websocket_session.hpp"

#include <algorithm>
#include <utility>

#include "net/poller.hpp"
#include "net/socket.hpp"
#include "shard_server.hpp"
#include "websocket/raw_peer.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr std::size_t most_composed = 16 * 1024;        // small messages are copied together up to here
constexpr std::size_t most_control_waiting = 4 * 1024;  // a flood of pings is not worth more

void put_frame(std::string& out, frame_opcode opcode, std::string_view payload) {
  char header[max_frame_header];
  out.append(header, write_frame_header(header, opcode, payload.size()));
  out.append(payload);
}

}  // namespace

websocket_session::websocket_session(socket& own, connection_ref who, std::unique_ptr<raw_peer> raw,
                                     std::uint32_t table_entry, std::size_t max_message)
    : socket_(&own),
      connection_(std::move(who)),
      raw_(std::move(raw)),
      reader_(static_cast<std::uint32_t>(std::min<std::size_t>(max_message, UINT32_MAX))),
      table_entry_(table_entry) {}

websocket_session::~websocket_session() {
  if (connection_) connection_->detach();
}

shard_server& websocket_session::server() const noexcept { return socket_->home().owner(); }

void websocket_session::attach() { connection_->attach(*this, rendering::websocket); }

void websocket_session::resume(bytes_view answer) { connection_->resume(*this, answer); }

// ------------------------------------------------------------------------------------------------------------
// receiving

void websocket_session::on_received(char* data, std::size_t size) {
  if (state_ > state::closing) return;
  char* at = data;
  char* const end = data + size;
  websocket_event event;
  while (state_ <= state::closing && reader_.next(at, end, event)) {
    switch (event.what) {
      case websocket_event::kind::data: deliver(event); break;
      case websocket_event::kind::ping: queue_pong(event.payload); break;
      case websocket_event::kind::pong: break;
      case websocket_event::kind::close: return on_peer_close(event);
    }
  }
  if (reader_.failed()) refuse(reader_.close_code());
}

void websocket_session::deliver(const websocket_event& event) {
  if (state_ != state::open) return;
  if (raw_ != nullptr) return raw_->on_piece(event);
  if (!event.payload.empty()) connection_->deliver(event.payload);
}

void websocket_session::on_peer_close(const websocket_event& event) {
  if (state_ == state::closing && !control_waits()) return close_socket(close_cause::client_closed, {}, event.code);
  if (state_ != state::closing) {
    if (raw_ != nullptr) flush_now();  // answers to what came before the close frame
    // What still waits is dropped; inside of a message there is no place for a close frame any more.
    if (!between_messages()) return close_socket(close_cause::client_closed, {}, event.code);
    queue_close(raw_ != nullptr ? event.code : websocket_close::normal);
  }
  end_connection(close_cause::client_closed, {}, event.code);
  state_ = state::answering;
  socket_->start_clock();
  socket_->mark_dirty();
}

void websocket_session::refuse(std::uint16_t code) {
  const auto cause = code == websocket_close::too_big ? close_cause::message_too_large : close_cause::protocol_error;
  std::string text = "the peer broke the WebSocket protocol, close code " + std::to_string(code);
  if (state_ == state::closing || !between_messages()) {
    return close_socket(cause, std::move(text), websocket_close::abnormal);
  }
  queue_close(code);
  end_connection(cause, std::move(text), websocket_close::abnormal);
  state_ = state::refusing;
  socket_->start_clock();
  socket_->mark_dirty();
}

void websocket_session::on_peer_gone(bool) { lose(close_cause::client_left, {}); }

// --------------------------------------------------------------------------------------------------------------
// sending

websocket_session::control_output& websocket_session::control() {
  if (control_ == nullptr) control_ = std::make_unique<control_output>();
  return *control_;
}

void websocket_session::queue_pong(std::string_view payload) {
  if (state_ != state::open && state_ != state::finishing) return;
  if (control().bytes.size() > most_control_waiting) return;
  put_frame(control_->bytes, frame_opcode::pong, payload);
  socket_->mark_dirty();
}

void websocket_session::queue_close(std::uint16_t code, std::string_view reason) {
  std::string payload;
  if (code != websocket_close::no_code) {
    payload.push_back(static_cast<char>(code >> 8));
    payload.push_back(static_cast<char>(code & 0xff));
    payload.append(reason.substr(0, 123));
  }
  put_frame(control().bytes, frame_opcode::close, payload);
}

void websocket_session::on_flush() {
  if (state_ == state::dropped) return close_socket(close_cause::aborted, {}, websocket_close::abnormal);
  if (socket_->blocked()) return;
  const bool was_full = socket_->awaits_room();
  send_out();
  after_sending(was_full);
}

void websocket_session::flush_now() {
  if (state_ == state::dropped || socket_->blocked() || socket_->failed()) return;
  send_out();
  connection_->taken();
  if (socket_->failed()) socket_->mark_dirty();
}

bool websocket_session::between_messages() const noexcept {
  return !connection_ || (upgraded_ && connection_->waiting().rest_of_front() == 0);
}

// Control frames go between messages, never inside of one.
void websocket_session::send_out() {
  outbox* const waiting = connection_ ? &connection_->waiting() : nullptr;
  send_workshop& shop = socket_->home().workshop();
  for (;;) {
    if (control_waits() && between_messages() && !send_control()) return;
    if (waiting == nullptr || waiting->empty()) return;
    const bytes_view next = waiting->next_write(shop, most_composed, false);
    const std::size_t size = next.size();
    if (size == 0) return;  // stateful reconnect: the client has much to acknowledge
    const std::size_t sent = state_ == state::open ? socket_->send_soon(next) : socket_->send(next);
    if (sent != 0) {
      waiting->consume(sent, shop);
      upgraded_ = true;
    }
    if (sent != size) return;
  }
}

bool websocket_session::send_control() {
  const auto rest = std::string_view(control_->bytes).substr(control_->sent);
  control_->sent += socket_->send(rest);
  if (control_->sent != control_->bytes.size()) return false;
  if (control_->reason.empty()) {
    control_.reset();
  } else {
    control_->bytes.clear();
    control_->sent = 0;
  }
  return true;
}

void websocket_session::after_sending(bool was_full) {
  if (connection_) connection_->taken();
  if (socket_->failed()) return lose(close_cause::client_left, {});
  if (socket_->blocked()) {
    // A slow client must not hold the blocks that everybody's small messages share.
    if (connection_ && !was_full) connection_->waiting().settle(socket_->home().home().buffer());
    return;
  }
  if (state_ != state::open) step_on();
}

// Everything queued has left: the next step of an end.
void websocket_session::step_on() {
  switch (state_) {
    case state::finishing: return begin_close();
    case state::answering: return socket_->close();
    case state::refusing: state_ = state::leaving; return socket_->end_sending();
    default: return;
  }
}

void websocket_session::begin_close() {
  queue_close(close_code_, control_ != nullptr ? std::string(control_->reason) : std::string());
  control_->reason.clear();
  state_ = state::closing;
  socket_->start_clock();
  send_control();
  if (socket_->failed()) close_socket(close_cause::client_left, {}, websocket_close::abnormal);
}

// ---------------------------------------------------------------------------------------------------------------
// ending

void websocket_session::end_connection(close_cause cause, std::string text, std::uint16_t code) {
  if (!connection_) return;
  const connection_ref ended = std::exchange(connection_, connection_ref());
  const std::unique_ptr<raw_peer> peer = std::move(raw_);
  if (table_entry_ != connection_table::nowhere) server().table().erase(table_entry_);
  ended->ended({cause, std::move(text)});
  if (peer == nullptr) return;
  server().counters().raw_closed.add();
  if (cause == close_cause::send_timeout) count_slow();
  peer->closed(code);
}

// No goodbye was said: the connection may wait for its client to come back over another socket (transports.md 6.6).
void websocket_session::lose(close_cause cause, std::string text) {
  if (connection_ && connection_->resumable() && table_entry_ != connection_table::nowhere &&
      server().table().detach(table_entry_, server(), server().options().max_pending_connections)) {
    connection_ = connection_ref();
    return socket_->close();
  }
  close_socket(cause, std::move(text), websocket_close::abnormal);
}

void websocket_session::close_socket(close_cause cause, std::string text, std::uint16_t code) {
  end_connection(cause, std::move(text), code);
  socket_->close();
}

void websocket_session::on_sweep(std::uint32_t now) {
  const server_options& options = server().options();
  const auto too_long = [&](std::chrono::milliseconds limit) { return socket_->waited(now) > limit.count(); };
  // Dropped ones are full as a rule: nobody flushes them until their peer reads again.
  if (state_ == state::dropped) return close_socket(close_cause::aborted, {}, websocket_close::abnormal);
  if (state_ >= state::closing) {
    if (too_long(options.close_timeout)) close_socket(close_cause::client_left, {}, websocket_close::abnormal);
    return;
  }
  if (!socket_->blocked()) return;
  if (too_long(options.send_timeout)) {
    return lose(close_cause::send_timeout, "the client took nothing for longer than send_timeout");
  }
  connection_->waiting().settle(socket_->home().home().buffer());
  server().counters().saw_waiting(connection_->waiting_bytes());
}

void websocket_session::count_slow() noexcept { server().counters().raw_slow.add(); }

void websocket_session::on_stop(bool force) {
  if (force) return close_socket(close_cause::server_stopping, {}, websocket_close::abnormal);
  if (raw_ != nullptr) finish_with(websocket_close::going_away, {});  // hubs say goodbye themselves
}

// -----------------------------------------------------------------------------------------------------------------
// link

void websocket_session::wake() { socket_->mark_dirty(); }

void websocket_session::finish(ending how) {
  if (state_ != state::open) return;
  close_code_ = how == ending::normal ? websocket_close::normal : websocket_close::internal_error;
  state_ = state::finishing;
  socket_->read(true);  // the peer's close frame is waited for
  socket_->mark_dirty();
}

void websocket_session::finish_with(std::uint16_t code, std::string_view reason) {
  if (state_ != state::open) return;
  if (!reason.empty()) control().reason.assign(reason);
  finish(ending::normal);
  close_code_ = code;
}

void websocket_session::drop() {
  state_ = state::dropped;
  socket_->mark_dirty();
}

void websocket_session::give_up() {
  connection_ = connection_ref();
  socket_->close();
}

void websocket_session::pause_reading() { socket_->read(false); }

void websocket_session::resume_reading() { socket_->read(true); }

}  // namespace hubbub::inline v0
