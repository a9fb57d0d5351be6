// The wire of a test: what a connection does with its client at the end of a turn.
#include "hubbub/testing/raw_client.hpp"

#include <utility>

#include "node.hpp"

namespace hubbub::inline v0::testing {

raw_client::raw_client(detail::node& on, detail::post_office& office, connection_ref who)
    : node_(on), office_(office), home_(who->home()), connection_(std::move(who)), id_(connection_->id().text()) {
  connection_->attach(*this, rendering::payload);
}

void raw_client::say(bytes_view sent) {
  node_.run_on(home_, [&] { deliver(sent); });
  node_.settle();
}

void raw_client::leave(close_reason why) {
  node_.run_on(home_, [&] { note_end(wire_end::left, std::move(why)); });
  node_.settle();
}

void raw_client::remove() {
  node_.run_on(home_, [&] {
    if (end_ == wire_end::none) connection_->removed();
  });
  node_.settle();
}

void raw_client::cut() {
  node_.run_on(home_, [&] {
    if (end_ != wire_end::none || cut_at_) return;
    if (!connection_->resumable()) return note_end(wire_end::left, {close_cause::client_left, {}});
    cut_at_ = node_.time.now();
    held_back_.clear();
    connection_->interrupt(*this);
  });
  node_.settle();
}

bool raw_client::resume() {
  bool resumed = false;
  node_.run_on(home_, [&] {
    if (end_ != wire_end::none || !connection_->resumable()) return;
    cut_at_.reset();
    held_back_.clear();
    paused_ = lossy_ = deaf_ = false;
    connection_->resume(*this, {});
    resumed = true;
  });
  node_.settle();
  return resumed;
}

void raw_client::lose_everything() { lossy_ = true; }

void raw_client::give_up_after(std::chrono::milliseconds limit) {
  if (!cut_at_ || end_ != wire_end::none || node_.time.now() - *cut_at_ <= limit) return;
  node_.run_on(home_, [&] { note_end(wire_end::left, {close_cause::client_left, {}}); });
  node_.settle();
}

void raw_client::stop_reading() { deaf_ = true; }

void raw_client::read_again() {
  node_.run_on(home_, [this] {
    deaf_ = false;
    mark();
  });
  node_.settle();
}

std::string raw_client::take() {
  std::string all;
  for (const std::string& one : writes_) all += one;
  writes_.clear();
  return all;
}

std::size_t raw_client::waiting_bytes() const noexcept { return connection_ ? connection_->waiting_bytes() : 0; }

// ---------------------------------------------------------------------------------------------- on the shard

void raw_client::deliver(bytes_view sent) {
  if (end_ != wire_end::none || cut_at_ || lossy_) return;
  if (paused_) {
    held_back_ += sent;
  } else {
    connection_->deliver(sent);
  }
}

void raw_client::mark() {
  if (marked_) return;
  marked_ = true;
  office_.dirty.push_back(this);
}

void raw_client::flush_now() {
  ++flushes_asked_;
  send_out();
  connection_->taken();
}

void raw_client::finish(ending how) {
  wanted_end_ = how == ending::normal ? wire_end::finished : wire_end::failed;
  mark();
}

void raw_client::drop() {
  wanted_end_ = wire_end::dropped;
  mark();
}

void raw_client::resume_reading() {
  paused_ = false;
  mark();
}

void raw_client::send_out() {
  outbox& waiting = connection_->waiting();
  while (!deaf_ && !cut_at_ && !node_.overrun() && !waiting.empty()) {
    const std::string piece(waiting.next_write(office_.shop, 16 * 1024, true));
    if (piece.empty()) return;  // much of what was sent is not acknowledged
    waiting.consume(piece.size(), office_.shop);
    node_.carried += piece.size();
    if (!lossy_) writes_.push_back(piece);
  }
}

void raw_client::get_on() {
  marked_ = false;
  if (end_ != wire_end::none) return;
  if (!paused_ && !held_back_.empty()) connection_->deliver(std::exchange(held_back_, {}));
  if (wanted_end_ == wire_end::dropped || (wanted_end_ && cut_at_)) return note_end(*wanted_end_, {});
  send_out();
  connection_->taken();
  if (wanted_end_ && connection_->waiting().empty()) return note_end(*wanted_end_, {});
  if (node_.overrun() && !deaf_ && !connection_->waiting().empty()) mark();  // too much for now
}

void raw_client::note_end(wire_end how, close_reason why) {
  if (end_ != wire_end::none) return;
  end_ = how;
  connection_->ended(std::move(why));
}

void detail::post_office::on_turn_end() {
  if (node_.overrun()) return;
  std::vector<raw_client*> now;
  now.swap(dirty);
  for (raw_client* one : now) one->get_on();
  shop.settle();
  if (!dirty.empty() && !node_.overrun()) home_.want_turn();
}

}  // namespace hubbub::inline v0::testing
