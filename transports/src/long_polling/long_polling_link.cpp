// Which poll gets what, and when a connection without polls is over.
#include "long_polling/long_polling_link.hpp"

#include <utility>

#include "endpoint/post_queue.hpp"
#include "http/http_session.hpp"
#include "hubbub/connection/connection_handler.hpp"
#include "shard_server.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr std::size_t most_in_answer = 1024 * 1024;  // the rest goes with the next poll
constexpr std::string_view data_type = "application/octet-stream";
constexpr std::string_view no_data_type = "text/plain";

}  // namespace

long_polling_link::long_polling_link(shard_server& home, connection& carried, std::uint32_t entry,
                                     const hub_mapping& hub) noexcept
    : home_(home), connection_(carried), hub_(hub), entry_(entry), since_(home.sockets().now()) {}

long_polling_link::~long_polling_link() {
  home_.agenda().remove(*this);
  connection_.detach();
}

void long_polling_link::answer(request_ticket& to, int status, std::string_view content_type) {
  if (!to) return;
  answer_later(home_, std::exchange(to, {}), {.status = status, .content_type = content_type, .of_poll = true});
  since_ = home_.sockets().now();
}

// -------------------------------------------------------------------------------------------------------------- polls

void long_polling_link::poll(const request_ticket& from) {
  if (answering_) {  // whether that one was written decides what this one gets
    answer(next_, 204, no_data_type);
    next_ = from;
    return;
  }
  answer(parked_, 204, no_data_type);
  parked_ = from;
  since_ = home_.sockets().now();
  if (!std::exchange(started_, true)) {
    answer(parked_, 200, data_type);
    connection_.attach(*this, rendering::payload);
    hub_.handler->open(connection_);
    home_.table().at(entry_).posts->open();
    return;
  }
  if (!connection_.waiting().empty() || finishing_ || dropped_) home_.agenda().add(*this);
}

void long_polling_link::act() {
  if (dropped_) {
    answer(parked_, 204, no_data_type);
    answer(next_, 204, no_data_type);
    return end({close_cause::aborted, {}});
  }
  step_on();
}

void long_polling_link::step_on() {
  if (answering_) return;
  if (!parked_) {
    if (finishing_ && removed_) end({close_cause::client_closed, {}});  // nobody can come for it
    return;
  }
  if (!connection_.waiting().empty()) return send_batch();
  if (!finishing_) return;
  answer(parked_, 204, no_data_type);
  end({close_cause::aborted, {}});
}

// Nothing is taken out of the outbox before the answer was written.
void long_polling_link::send_batch() {
  const outbox& waiting = connection_.waiting();
  in_flight_ = waiting.batch_size(most_in_answer);
  answering_ = std::exchange(parked_, {});
  late_answer what{.content_type = data_type, .of_poll = true, .report = true};
  if (answering_.at == &home_) {
    http_session* on = home_.waiting().find(answering_);
    if (on == nullptr) return reported(answering_, poll_outcome::lost);
    waiting.copy_batch(in_flight_, on->begin_late_answer(what, in_flight_));
    return on->end_late_answer(true);
  }
  wire_buffer& batch = home_.home().buffer().scratch();
  waiting.copy_batch(in_flight_, batch);
  what.body = batch.view();
  if (!answer_later(home_, answering_, std::move(what))) reported(answering_, poll_outcome::lost);
}

void long_polling_link::reported(const request_ticket& of, poll_outcome how) {
  if (of == next_) {
    next_ = {};
    return;
  }
  if (of == parked_) {  // the client aborted it
    parked_ = {};
    since_ = home_.sockets().now();
    if (removed_) home_.agenda().add(*this);
    return;
  }
  if (of != answering_) return;
  answering_ = {};
  since_ = home_.sockets().now();
  const std::size_t size = std::exchange(in_flight_, 0);
  if (how == poll_outcome::written) {
    send_workshop& shop = home_.sockets().workshop();
    connection_.waiting().consume(size, shop);
    shop.settle();
    connection_.taken();
  } else if (how == poll_outcome::timed_out) {
    answer(next_, 204, no_data_type);
    return end({close_cause::send_timeout, "the client took nothing of a poll's answer for longer than send_timeout"});
  }
  parked_ = std::exchange(next_, {});
  if (parked_ || removed_) home_.agenda().add(*this);
}

void long_polling_link::remove() {
  removed_ = true;
  if (finishing_) return home_.agenda().add(*this);
  connection_.removed();
}

void long_polling_link::on_sweep(std::uint32_t now) {
  const auto longer_than = [&](std::chrono::milliseconds limit) { return now - since_ > limit.count(); };
  if (parked_) {
    if (longer_than(hub_.poll_timeout)) answer(parked_, 200, no_data_type);
    return;
  }
  if (!connection_.waiting().empty()) home_.counters().saw_waiting(connection_.waiting_bytes());
  if (answering_) return;
  // A connection that waits for its next poll must not hold the blocks that everybody's small messages share.
  connection_.waiting().settle(home_.home().buffer());
  if (longer_than(home_.options().disconnect_timeout)) end({close_cause::client_left, {}});
}

void long_polling_link::end(close_reason why) {
  const connection_ref ended(&connection_);
  shard_server& home = home_;
  const std::uint32_t entry = entry_;
  ended->ended(std::move(why));
  home.table().erase(entry);  // this object is gone
}

// --------------------------------------------------------------------------------------------------------------- link

void long_polling_link::wake() { home_.agenda().add(*this); }

void long_polling_link::finish(ending) {
  finishing_ = true;
  home_.agenda().add(*this);
}

void long_polling_link::drop() {
  dropped_ = true;
  home_.agenda().add(*this);
}

void long_polling_link::pause_reading() { home_.table().at(entry_).posts->pause(); }

void long_polling_link::resume_reading() { home_.table().at(entry_).posts->resume(); }

}  // namespace hubbub::inline v0
