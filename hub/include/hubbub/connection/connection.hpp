// The connection port: one client link as both sides see it. The hub sends and receives, a transport carries.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hubbub/connection/close_reason.hpp"
#include "hubbub/connection/connection_id.hpp"
#include "hubbub/connection/outbox.hpp"
#include "hubbub/connection/principal.hpp"
#include "hubbub/connection/stored_request.hpp"
#include "hubbub/connection/transport_kind.hpp"
#include "hubbub/core/bytes.hpp"
#include "hubbub/core/shard.hpp"

namespace hubbub::inline v0 {

class connection;

/// How a transport should end once everything queued has left.
enum class ending : std::uint8_t {
  normal,  ///< WebSocket close 1000
  failed,  ///< WebSocket close 1011: application code failed while ending
};

/// The transport's end, as the connection calls it. All calls come on the home shard and only note what is wanted;
/// it is done at the end of the turn, so a link may be called from inside its own `deliver`.
class link {
 public:
  /// The outbox has become non-empty: send it at the end of this turn. Called once until the outbox was emptied.
  virtual void wake() = 0;
  /// Tries one non-blocking send right now: the outbox is about to overflow (decision 8).
  virtual void flush_now() = 0;
  /// Send what is queued, then end the transport. Nothing is queued afterwards; input is ignored.
  virtual void finish(ending how) = 0;
  /// End the transport at once; what is queued is lost.
  virtual void drop() = 0;
  /// Read no more from the peer until `resume_reading`; the end of the connection is still noticed where possible.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  /// Another link carries the connection from now on: end at once, and let it be (stateful reconnect).
  virtual void give_up() { drop(); }

 protected:
  ~link() = default;
};

/// The hub's end, as the connection calls it. On the home shard.
class connection_receiver {
 public:
  /// Bytes from the client: one stream, cut anywhere. The view dies with the call.
  virtual void on_bytes(bytes_view received) = 0;
  /// The transport ended for good. Called once, and not after `connection::finish` ended it.
  virtual void on_closed(close_reason why) = 0;
  /// The client asked the transport to end the connection (DELETE of long polling): the hub says goodbye, with
  /// permission to reconnect (hub-protocol.md 9), and ends it.
  virtual void on_removed() = 0;
  /// More waits than the outbox may hold; the hub should end the connection. Called once.
  virtual void on_outbox_full() = 0;
  /// The outbox fell below its low-water mark after it had been above. Called while sending: must only note it.
  virtual void on_drained() = 0;
  /// Another transport carries the connection, whose client goes on where it was (stateful reconnect): the hub puts its
  /// Sequence in front of everything (`connection::send_ahead`), and forgets what had not wholly come. Not for those
  /// who never call `connection::keep_sent`.
  virtual void on_resumed() {}

 protected:
  ~connection_receiver() = default;
};

/// Limits of a connection's outbox, shared by all connections of an endpoint.
struct connection_limits {
  std::size_t outbox = 4 * 1024 * 1024;  ///< bytes; more ends the connection
  std::size_t high_water = 64 * 1024;    ///< bytes from which awaited sends wait
  std::size_t low_water = 32 * 1024;     ///< bytes below which they go on
};

/// One client link: identity, request facts, outbox and two faces. Counted by its link, its hub and the table of
/// connections; lives on its home shard and is touched nowhere else.
class connection final {
 public:
  /// A connection at home on `home`. `limits` must outlive it.
  connection(shard& home, const connection_limits& limits);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // Identity and facts
  [[nodiscard]] const connection_id& id() const noexcept { return id_; }
  [[nodiscard]] shard& home() const noexcept { return *home_; }
  /// The request that started the transport: whole until `pack_request`, then what decision 27 keeps.
  [[nodiscard]] const stored_request& started_by() const noexcept { return request_; }
  void set_request(std::unique_ptr<request> whole) noexcept { request_ = stored_request(std::move(whole)); }
  void pack_request(const std::vector<std::string>& kept_headers) { request_.pack(kept_headers); }
  /// Who was authenticated; null = anonymous.
  [[nodiscard]] const principal* user() const noexcept { return user_ == nullptr ? nullptr : user_->who.get(); }
  void set_user(std::shared_ptr<const principal> user) {
    if (user == nullptr) return;
    user_ = std::make_unique<identity>();
    user_->until = user->expires_at();
    user_->who = std::move(user);
  }
  /// When the authentication ends; nothing: never. A later request of the connection may renew it.
  [[nodiscard]] std::optional<std::chrono::system_clock::time_point> authenticated_until() const noexcept {
    return user_ == nullptr ? std::nullopt : user_->until;
  }
  /// A later request was authenticated until then; the user stays who connected. Anonymous connections: no effect.
  void renew_authentication(std::optional<std::chrono::system_clock::time_point> until) noexcept {
    if (user_ != nullptr) user_->until = until;
  }
  /// Text and binary, or text only: which hub protocols may be agreed on.
  [[nodiscard]] bool carries_binary() const noexcept { return carries_binary_; }
  void set_carries_binary(bool binary) noexcept { carries_binary_ = binary; }
  /// True when the transport keeps itself alive (long polling): no pings, no client timeout.
  [[nodiscard]] bool inherent_keep_alive() const noexcept { return inherent_keep_alive_; }
  void set_inherent_keep_alive(bool inherent) noexcept { inherent_keep_alive_ = inherent; }

  /// The transport that carries the connection, or did so last.
  [[nodiscard]] transport_kind transport() const noexcept { return transport_; }
  /// True when the public id is also the secret by which a client's requests find the connection (negotiation of
  /// version 0): then it must not be shown to anybody.
  [[nodiscard]] bool id_is_secret() const noexcept { return id_is_secret_; }
  void set_id_is_secret() noexcept { id_is_secret_ = true; }
  /// The id for logs: whole, or only its beginning when it is secret.
  [[nodiscard]] std::string id_for_logs() const;

  // The hub's face
  /// Who hears of bytes and of the end. Null: nobody any more.
  void set_receiver(connection_receiver* receiver) noexcept { receiver_ = receiver; }
  [[nodiscard]] connection_receiver* receiver() const noexcept { return receiver_; }
  /// The agreed hub protocol's format: decides the opcode of small messages.
  void set_format(transfer_format format) noexcept { format_ = format; }
  [[nodiscard]] transfer_format format() const noexcept { return format_; }
  /// Queues a frame and adopts one reference of it; never waits. After `finish` it is dropped: then false.
  bool send_adopted(frame* shared) {
    if (!accepts(shared->payload().size())) {
      shared->release();
      return false;
    }
    if (as_events_) shared = event_of(shared);
    outbox_.push(outbox_entry(shared, framed_, false));
    queued();
    return true;
  }
  /// Queues a frame. See `send_adopted`.
  bool send(const frame_ref& shared) {
    shared->acquire();
    return send_adopted(shared.get());
  }
  /// Queues a small message of this connection alone, copied from `payload`. `boundary`: decision 11. False when
  /// nothing may be sent any more.
  bool send_copy(bytes_view payload, bool boundary = false);
  /// Bytes waiting to be sent.
  [[nodiscard]] std::size_t waiting_bytes() const noexcept { return outbox_.size(); }
  /// True when awaited sends should wait; then `on_drained` will follow, unless the connection ends.
  [[nodiscard]] bool congested() noexcept {
    if (outbox_.size() <= limits_->high_water || finished_) return false;
    draining_ = true;
    return true;
  }
  /// Nothing may be sent any more; what is queued still leaves. For the time between Close and `finish`. The connection
  /// cannot be resumed any more.
  void seal() {
    sealed_ = true;
    if (outbox_.window() != nullptr) stop_resuming();
  }
  /// The connection cannot be resumed any more (hub-protocol.md 10.7): nothing that was sent is kept, and what waits no
  /// longer waits for Acks. On its shard, under stateful reconnect only.
  void stop_resuming();
  /// Lets what is queued leave, then ends the transport. Nothing is sent or received afterwards.
  void finish(ending how);
  /// Ends the transport at once.
  void drop();
  /// True after `finish`, `drop` or the transport's own end.
  [[nodiscard]] bool finished() const noexcept { return finished_; }
  void pause_input();
  void resume_input();

  // Stateful reconnect (hub-protocol.md 10): the hub's face. Nothing of it is called for connections without.
  /// From now on what leaves is numbered and kept until it is acknowledged, `window` bytes of it; the connection can be
  /// resumed until it is sealed. What was queued with a boundary has no number.
  void keep_sent(std::size_t window) { outbox_.keep_sent(window); }
  /// Puts a message without a number before all with one not begun, past a full window; adopts one reference. False,
  /// and the message is dropped, when nothing may be sent, too much waits or nobody carries the connection.
  bool send_ahead(frame* adopted);
  /// The client has everything up to that number.
  void acknowledged(std::int64_t number);
  /// The number of the first message that is not known to have arrived.
  [[nodiscard]] std::int64_t first_unacknowledged() const noexcept { return outbox_.window()->first(); }
  /// Its transport was lost, and it waits for another one.
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }

  // Stateful reconnect: the transport's face
  /// Client and server agreed on it when the connection was negotiated, and its transport can do it.
  [[nodiscard]] bool stateful() const noexcept { return stateful_; }
  void set_stateful(bool agreed) noexcept { stateful_ = agreed; }
  /// True when another transport may carry it on.
  [[nodiscard]] bool resumable() const noexcept { return outbox_.window() != nullptr && !finished_ && !sealed_; }
  /// Its transport was lost: `stand_in` takes its place and waits, and sends nothing.
  void interrupt(link& stand_in);
  /// `carrier` carries it on; who did so before is told to give up. Everything that was not acknowledged is sent again,
  /// behind `greeting`, which is no message and may be empty.
  void resume(link& carrier, bytes_view greeting);

  // The transport's face
  /// A transport begins to carry the connection, and wants messages to look like this.
  void attach(link& carrier, rendering wanted);
  /// The transport carries it no more (but the connection may go on with another one).
  void detach() noexcept { link_ = nullptr; }
  [[nodiscard]] link* carrier() const noexcept { return link_; }
  /// Bytes from the client.
  void deliver(bytes_view received) {
    if (receiver_ != nullptr) receiver_->on_bytes(received);
  }
  /// The transport ended for good; the hub is told unless it asked for that.
  void ended(close_reason why);
  /// The client wants the connection to end; see `connection_receiver::on_removed`.
  void removed() {
    if (receiver_ != nullptr) receiver_->on_removed();
  }
  /// What waits to be sent. Only the link that carries it takes something out.
  [[nodiscard]] outbox& waiting() noexcept { return outbox_; }
  /// The link took bytes out of the outbox: sees to the low-water mark and to the next wake.
  void taken() {
    if (outbox_.empty()) awake_ = false;
    if (draining_ && outbox_.size() <= limits_->low_water) drained();
  }

  void acquire() noexcept { ++references_; }
  void release() noexcept {
    if (--references_ == 0) delete this;
  }

 private:
  ~connection();
  [[nodiscard]] bool accepts(std::size_t size);
  void queued() {
    if (awake_ || link_ == nullptr) return;
    awake_ = true;
    link_->wake();
  }
  void drained();
  [[nodiscard]] static frame* event_of(frame* adopted);
  void send_event_copy(bytes_view payload, bool boundary);

  outbox outbox_;
  link* link_ = nullptr;
  std::uint32_t references_ = 0;
  bool awake_ = false;
  bool framed_ = true;      // entries are sent with what stands around their payload
  bool as_events_ = false;  // entries are events
  bool finished_ = false;
  bool draining_ = false;
  bool sealed_ = false;
  bool carries_binary_ = true;
  bool inherent_keep_alive_ = false;
  bool id_is_secret_ : 1 = false;
  bool stateful_ : 1 = false;     // as negotiated
  bool interrupted_ : 1 = false;  // nobody carries it for the time being
  transport_kind transport_ = transport_kind::web_sockets;
  transfer_format format_ = transfer_format::text;
  connection_receiver* receiver_ = nullptr;
  const connection_limits* limits_;
  shard* home_;
  connection_id id_;
  stored_request request_;
  struct identity {
    std::shared_ptr<const principal> who;
    std::optional<std::chrono::system_clock::time_point> until;
  };
  std::unique_ptr<identity> user_;  // most connections are anonymous: they pay for a pointer
};

/// Owns one reference of a connection. A handle; home shard.
class connection_ref {
 public:
  connection_ref() noexcept = default;
  explicit connection_ref(connection* counted) noexcept : connection_(counted) {
    if (connection_ != nullptr) connection_->acquire();
  }
  connection_ref(const connection_ref& other) noexcept : connection_ref(other.connection_) {}
  connection_ref(connection_ref&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  connection_ref& operator=(connection_ref other) noexcept {
    std::swap(connection_, other.connection_);
    return *this;
  }
  ~connection_ref() {
    if (connection_ != nullptr) connection_->release();
  }
  [[nodiscard]] connection* get() const noexcept { return connection_; }
  connection& operator*() const noexcept { return *connection_; }
  connection* operator->() const noexcept { return connection_; }
  explicit operator bool() const noexcept { return connection_ != nullptr; }

 private:
  connection* connection_ = nullptr;
};

}  // namespace hubbub::inline v0
