// Reading requests, keeping their order, and the end of an HTTP connection.
#include "http/http_session.hpp"

#include <optional>
#include <string>
#include <utility>

#include "endpoint/serve_request.hpp"
#include "http/response_writer.hpp"
#include "hubbub/connection/connection_handler.hpp"
#include "net/poller.hpp"
#include "server_sent_events/event_stream_session.hpp"
#include "shard_server.hpp"
#include "websocket/raw_peer.hpp"
#include "websocket/websocket_handshake.hpp"
#include "websocket/websocket_session.hpp"

namespace hubbub::inline v0 {
namespace {

// Hubs limit their messages by themselves, and a frame may carry many of them; but nobody means a frame like this.
constexpr std::size_t most_declared = 0xffff'ffff;

constexpr auto linger_time = std::chrono::milliseconds(2'000);
constexpr std::size_t most_waiting = 64 * 1024;  // bytes of answers that are sent together
constexpr int most_at_once = 8;                  // requests of one client that are served before others have their turn

// Which option a request broke that is refused with this status.
std::optional<limit_kind> limit_behind(int status) noexcept {
  switch (status) {
    case 408: return limit_kind::request_timeout;
    case 413: return limit_kind::max_request_body;
    case 414:
    case 431: return limit_kind::max_request_head;
    default: return std::nullopt;
  }
}

}  // namespace

http_session::http_session(socket& own, const peer_address& peer, std::unique_ptr<http_exchange> begun) noexcept
    : socket_(&own), exchange_(std::move(begun)), peer_(peer) {
  exchange_->session = this;
}

http_session::~http_session() { abandon(); }

shard_server& http_session::server() const noexcept { return socket_->home().owner(); }

// ------------------------------------------------------------------------------------------------------------
// receiving

void http_session::on_received(char* data, std::size_t size) {
  if (state_ != state::open) return;  // lingering: read and forgotten
  if (parked_ != nullptr) {
    parked_->unread.append(data, size);
    if (parked_->unread.size() > most_waiting) socket_->read(false);
    return;
  }
  ensure_exchange();
  if (exchange_->waiting || crowded_) {
    exchange_->unread.append(data, size);
    if (exchange_->unread.size() > most_waiting) socket_->read(false);
    return;
  }
  consume(data, size);
}

void http_session::ensure_exchange() {
  if (exchange_ != nullptr) return;
  exchange_ = server().take_exchange();
  exchange_->session = this;
}

void http_session::consume(char* data, std::size_t size) {
  for (int begun = 0; size != 0 && state_ == state::open;) {
    ensure_exchange();
    http_exchange& now = *exchange_;
    if (!now.reader.started()) {
      // A client that sends requests and reads no answers must not have all of them kept for it.
      if (!socket_->blocked() && now.out.size() - now.sent > most_waiting) send_out();
      if (socket_->failed()) return;  // on_flush sees to it
      if (socket_->blocked() || begun++ == most_at_once) {
        crowded_ = true;
        now.unread.assign(data, size);
        socket_->mark_dirty();  // goes on when the answers have left
        return socket_->read(false);
      }
      socket_->start_clock();
    }
    std::size_t used = 0;
    const auto outcome = now.reader.feed(data, size, used);
    data += used;
    size -= used;
    switch (outcome) {
      case request_reader::outcome::need_more: return;
      case request_reader::outcome::failed: return refuse(now.reader.status(), now.reader.reason());
      case request_reader::outcome::expect_continue:
        now.out.put(continue_line());
        socket_->mark_dirty();
        break;
      case request_reader::outcome::complete:
        rest_ = data;
        rest_size_ = size;
        identify();
        if (serve() != served::answered) return;
        break;
    }
  }
}

// Who asks. Trusted proxies are believed; without them the peer is the client.
void http_session::identify() {
  http_exchange& now = *exchange_;
  const trusted_proxies& proxies = server().whole().proxies;
  now.client = peer_;
  now.host.clear();
  bool secure = socket_->secure();
  if (!proxies.empty()) {
    request_origin from = proxies.resolve(peer_, secure, asked());
    now.client = from.client;
    now.host = std::move(from.host);
    secure = from.secure;
  }
  now.reader.request().set_peer(now.client.text(), now.client.port, secure);
  if (socket_->secure()) now.reader.request().set_certificate(socket_->certificate());
}

bool http_session::may_go_on(bool once_more) noexcept {
  const std::size_t most = server().options().max_requests_per_connection;
  return (!stopping_ || once_more) && (most == 0 || ++requests_ < most);
}

// The session may be gone when this returns something else than `answered`.
served http_session::serve() {
  serving_ = true;
  polled_ = false;
  const served done = serve_request(*this);
  if (done == served::moved) return done;
  serving_ = false;
  if (done == served::waiting) hold_rest();
  return done;
}

// What came behind a request that waits.
void http_session::hold_rest() {
  if (parked_ != nullptr) {
    parked_->unread.assign(rest_, rest_size_);
    if (rest_size_ > most_waiting) socket_->read(false);
    return;
  }
  exchange_->unread.assign(rest_, rest_size_);
  socket_->read(false);
}

void http_session::go_on() {
  if (socket_->closed()) return;
  std::string came;
  came.swap(exchange_->unread);
  rest_ = came.data();
  rest_size_ = came.size();
  served done = served::answered;
  if (exchange_->answer) {
    const response ready = std::move(*exchange_->answer);
    exchange_->answer.reset();
    answer(ready);
  } else {
    done = serve();
  }
  if (done == served::moved) return;
  if (done == served::waiting) {
    if (parked_ != nullptr) socket_->read(parked_->unread.size() <= most_waiting);
    return;
  }
  socket_->read(true);
  consume(came.data(), came.size());
}

// ------------------------------------------------------------------------------------------------------------
// answering

served http_session::answer(const response& what) {
  http_exchange& now = *exchange_;
  const bool stays = now.reader.keep_alive() && may_go_on();
  response_style style;
  style.keep_alive = stays;
  style.head_only = asked().method() == "HEAD";
  style.version = asked().version();
  style.date = server().date();
  if (write_response(now.out, what, style) != 0) {
    server().home().log().write(
        log_level::warning, "http",
        "headers that could forge others were left out of the answer to " + printable(asked().path()));
  }
  now.reader.reset();
  now.who.reset();
  now.negotiation.reset();
  if (!stays) state_ = rest_size_ == 0 ? state::leaving : state::lingering;
  socket_->mark_dirty();
  return served::answered;
}

void http_session::refuse(int status, std::string_view reason) {
  response_style style;
  style.keep_alive = false;
  style.date = server().date();
  if (const auto limit = limit_behind(status)) server().counters().rejected(*limit);
  write_response(exchange_->out, response::text(std::string(reason), status), style);
  exchange_->reader.reset();
  state_ = state::lingering;
  socket_->mark_dirty();
}

void http_session::on_flush() {
  if (exchange_ == nullptr || socket_->blocked()) return;
  send_out();
  if (socket_->failed()) return on_peer_gone(true);
  if (socket_->blocked()) return;
  if (crowded_) return read_on();
  if (state_ == state::leaving) return socket_->close();
  if (state_ == state::lingering) {
    state_ = state::draining;
    socket_->end_sending();
    socket_->read(true);
  }
  leave_exchange();
}

void http_session::send_out() {
  http_exchange& now = *exchange_;
  const std::string_view rest = now.out.view().substr(now.sent);
  if (rest.empty()) return;
  now.sent += socket_->send(rest);
  if (now.sent != now.out.size()) return;
  now.out.clear();
  now.sent = 0;
  if (parked_ != nullptr && parked_->reporting) report(poll_outcome::written);
}

// The answers have left: the requests that waited for that. The session may be gone afterwards.
void http_session::read_on() {
  crowded_ = false;
  std::string came;
  came.swap(exchange_->unread);
  socket_->read(true);
  consume(came.data(), came.size());
}

// Nothing of a request has come, or nothing but an empty line in front of it.
bool http_session::idle() const noexcept {
  if (parked_ != nullptr || crowded_) return false;
  return exchange_ == nullptr ||
         (!exchange_->waiting && !exchange_->reader.started() && exchange_->out.size() == exchange_->sent);
}

// Between requests a connection owns nothing.
void http_session::leave_exchange() {
  if (exchange_->waiting || exchange_->reader.started()) return;
  server().give_back(std::move(exchange_));
  socket_->start_clock();
}

// ------------------------------------------------------------------------------------------- turning into others

served http_session::upgrade(connection_ref who, const hub_mapping* hub, const raw_mapping* raw, std::uint32_t entry) {
  socket& own = *socket_;
  shard_server& here = server();
  std::unique_ptr<http_exchange> done = std::move(exchange_);
  char* const rest = rest_;
  const std::size_t rest_size = rest_size_;

  // The answer is the first thing in the outbox: it leaves at the end of the turn, with those of all others.
  write_upgrade_answer(done->out, done->reader.request());
  turn_buffer& buffer = here.home().buffer();
  who->waiting().push_slice(buffer.store(done->out.view().substr(done->sent), {}), true, buffer);
  if (done->who) who->set_user(done->who->who());
  // Swapped, so that the reader has room for the next one.
  auto asked_for = recycled_request();
  std::swap(*asked_for, done->reader.request());
  who->set_request(std::move(asked_for));
  auto peer = raw != nullptr ? std::make_unique<raw_peer>(*who, raw->handler) : nullptr;
  raw_peer* const opened = peer.get();

  // From here on this object does not exist any more.
  auto& fresh = own.become<websocket_session>(who, std::move(peer), entry,
                                              raw != nullptr ? raw->limits.max_message_size : most_declared);
  fresh.attach();
  if (opened != nullptr) {
    here.counters().raw_opened.add();
    opened->open(fresh);
  } else {
    hub->handler->open(*who);
  }
  own.read(true);
  here.give_back(std::move(done));
  const auto early = entry == connection_table::nowhere ? nullptr : std::move(here.table().at(entry).posts);
  if (rest_size == 0 && early == nullptr) return served::moved;
  fresh.flush_now();  // an eager client's frames may end everything: not before it has its answer
  if (early != nullptr) early->end_early();
  if (rest_size != 0) fresh.on_received(rest, rest_size);
  return served::moved;
}

served http_session::resume(connection_ref who, std::uint32_t entry) {
  socket& own = *socket_;
  shard_server& here = server();
  std::unique_ptr<http_exchange> done = std::move(exchange_);
  char* const rest = rest_;
  const std::size_t rest_size = rest_size_;
  write_upgrade_answer(done->out, done->reader.request());

  // From here on this object does not exist any more.
  auto& fresh = own.become<websocket_session>(who, nullptr, entry, most_declared);
  fresh.resume(done->out.view().substr(done->sent));
  own.read(true);
  here.give_back(std::move(done));
  if (rest_size == 0) return served::moved;
  fresh.flush_now();
  fresh.on_received(rest, rest_size);
  return served::moved;
}

served http_session::stream(connection_ref who, const hub_mapping& hub, std::uint32_t entry) {
  socket& own = *socket_;
  shard_server& here = server();
  std::unique_ptr<http_exchange> done = std::move(exchange_);
  const bool chunked = done->reader.request().version() == 11;
  response headers;
  hub.origins.http.add_headers(done->reader.request(), headers);

  // The head is the first thing in the outbox, with the comment that makes an EventSource open.
  write_event_stream_head(done->out, headers, chunked, here.date());
  turn_buffer& buffer = here.home().buffer();
  who->waiting().push_slice(buffer.store(done->out.view().substr(done->sent), {}), true, buffer);
  if (done->who) who->set_user(done->who->who());
  auto asked_for = recycled_request();
  std::swap(*asked_for, done->reader.request());
  who->set_request(std::move(asked_for));
  post_queue& posts = here.posts_of(entry);

  // From here on this object does not exist any more.
  auto& fresh = own.become<event_stream_session>(who, entry, chunked);
  fresh.attach();
  hub.handler->open(*who);
  posts.open();
  own.read(true);
  here.give_back(std::move(done));
  return served::moved;
}

served http_session::hand_over(shard_server& other) {
  exchange_->unread.assign(rest_, rest_size_);
  send_out();
  exchange_->session = nullptr;
  std::unique_ptr<http_exchange> moved = std::move(exchange_);
  server().hand_to(other, socket_->depart(peer_), std::move(moved));
  return served::moved;
}

// ---------------------------------------------------------------------------------------------------------------
// ending

// Application code may still work on the request: then the shard keeps it until that is done.
void http_session::abandon() {
  if (parked_ != nullptr) report(parked_->timed_out ? poll_outcome::timed_out : poll_outcome::lost);
  if (exchange_ == nullptr) return;
  exchange_->session = nullptr;
  if (!exchange_->waiting) return server().give_back(std::move(exchange_));
  http_exchange& left = *exchange_;
  server().keep_orphan(std::move(exchange_));
  if (left.cancel.state() != nullptr) left.cancel.state()->cancel();
}

void http_session::on_peer_gone(bool reset) {
  // A client that ends its side only is still to be answered, as far as it has asked.
  if (!reset && crowded_) return;
  if (!reset && exchange_ != nullptr && !exchange_->waiting && exchange_->out.size() != exchange_->sent) {
    state_ = state::leaving;
    return socket_->read(false);
  }
  abandon();
  socket_->close();
}

void http_session::on_sweep(std::uint32_t now) {
  const server_options& options = server().options();
  const auto too_long = [&](std::chrono::milliseconds limit) { return socket_->waited(now) > limit.count(); };
  if (state_ == state::draining) {
    if (too_long(linger_time)) socket_->close();
  } else if (socket_->blocked()) {
    if (!too_long(options.send_timeout)) return;
    if (parked_ != nullptr) parked_->timed_out = true;
    on_peer_gone(true);
  } else if (idle()) {
    if (too_long(stopping_ ? linger_time : options.keep_alive_timeout)) on_peer_gone(true);
  } else if (parked_ == nullptr && !exchange_->waiting && exchange_->reader.started() &&
             too_long(options.request_timeout)) {
    refuse(408, "The request took too long");
  }
}

void http_session::on_stop(bool force) {
  stopping_ = true;                                                // what is under way is still answered
  if (!force && polled_ && idle()) return socket_->start_clock();  // the next poll comes for the goodbye
  if (force || idle()) on_peer_gone(true);
}

}  // namespace hubbub::inline v0
