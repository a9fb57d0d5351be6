// Gathers messages of a raw WebSocket and guards against exceptions of the application.
#include "websocket/raw_peer.hpp"

#include <exception>
#include <utility>

#include "websocket/websocket_session.hpp"

namespace hubbub::inline v0 {
namespace {

// RFC 6455, 7.4: codes that may stand in a close frame.
bool may_be_sent(std::uint16_t code) noexcept {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace

template <class Call>
void raw_peer::guarded(Call&& call) {
  try {
    std::forward<Call>(call)();
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("exception of unknown type");
  }
}

void raw_peer::fail(std::string_view what) {
  std::string text("a WebSocket handler threw: ");
  text += printable(what, 1000);  // it may repeat what the client sent
  const std::string id = connection_.id_for_logs();
  connection_.home().log().log(
      {.level = log_level::error, .category = "websocket", .message = text, .connection_id = id});
  close(websocket_close::internal_error, {});
}

void raw_peer::open(websocket_session& carrier) {
  carrier_ = &carrier;
  connection_.set_receiver(this);
  if (handler_.on_open) guarded([this] { handler_.on_open(*this); });
}

void raw_peer::on_piece(const websocket_event& event) {
  if (!event.last || !event.first) message_.append(event.payload);
  if (!event.last) return;
  const std::string gathered = std::move(message_);
  message_.clear();
  if (!handler_.on_message) return;
  const auto kind = event.text ? websocket_kind::text : websocket_kind::binary;
  guarded([&] { handler_.on_message(*this, kind, event.first ? event.payload : std::string_view(gathered)); });
}

void raw_peer::closed(std::uint16_t code) {
  carrier_ = nullptr;
  if (handler_.on_close) guarded([&] { handler_.on_close(*this, code); });
}

void raw_peer::send_text(std::string_view text) {
  connection_.set_format(transfer_format::text);
  connection_.send_copy(text);
}

void raw_peer::send_binary(std::string_view payload) {
  connection_.set_format(transfer_format::binary);
  connection_.send_copy(payload);
}

void raw_peer::close(std::uint16_t code, std::string_view reason) {
  if (carrier_ == nullptr || connection_.finished()) return;
  carrier_->finish_with(may_be_sent(code) ? code : websocket_close::normal, reason);
  connection_.finish(ending::normal);  // nothing is sent or received any more
}

void raw_peer::on_outbox_full() {
  if (carrier_ != nullptr) carrier_->count_slow();
  connection_.drop();
}

void raw_peer::drop() { connection_.drop(); }

}  // namespace hubbub::inline v0
