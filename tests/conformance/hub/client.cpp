// Both ends of a test client: what the test asks of it, and what its connection does with it on the shard.
#include "client.hpp"

#include <gtest/gtest.h>

#include "hubbub/protocol/handshake.hpp"
#include "stage.hpp"

namespace hub_story {

using hubbub::record_separator;

client::client(stage& on, post_office& office, hubbub::shard& home, hubbub::connection_ref who, wire_form form)
    : stage_(on), office_(&office), home_(home), id_(who->id().text()), form_(form), connection_(std::move(who)) {}

client::client(stage& on, hubbub::shard& home, hubbub::testing::raw_client& line, wire_form form)
    : stage_(on), line_(&line), home_(home), id_(line.id()), form_(form) {}

// ---------------------------------------------------------------------------------------------- doing

void client::say(std::string_view bytes) {
  if (line_ == nullptr) return stage_.run_on(shard(), [&] { deliver(std::string(bytes)); });
  line_->say(bytes);
  stage_.settle();
}

void client::say_message(const json& message) { say(encoded(message, form_)); }

void client::shake_hands() {
  say(R"({"protocol":")" + std::string(name_of(form_)) + R"(","version":)" + (stateful_ ? "2" : "1") + "}" +
      record_separator);
  stage_.wait([this] { return !writes_.empty(); }, "the answer to the handshake");
  std::lock_guard lock(stage_.seen.mutex);
  ASSERT_FALSE(writes_.empty());
  ASSERT_EQ(writes_.front(), std::string("{}") + record_separator);
  looked_at_ = 1;
}

std::string client::begin(std::string_view target, json arguments) {
  std::string id = std::to_string(next_id_++);
  say_message({{"type", 1}, {"invocationId", id}, {"target", target}, {"arguments", std::move(arguments)}});
  return id;
}

void client::tell(std::string_view target, json arguments) {
  say_message({{"type", 1}, {"target", target}, {"arguments", std::move(arguments)}});
}

json client::call(std::string_view target, json arguments) {
  return completion_of(begin(target, std::move(arguments)));
}

json client::result(std::string_view target, json arguments) {
  const json answer = call(target, std::move(arguments));
  EXPECT_TRUE(answer.contains("result")) << target << " gave " << answer;
  return answer.contains("result") ? answer["result"] : json("no result");
}

std::string client::error(std::string_view target, json arguments) {
  const json answer = call(target, std::move(arguments));
  EXPECT_TRUE(answer.contains("error")) << target << " gave " << answer;
  return answer.value("error", "no error");
}

void client::stop_reading() {
  if (line_ != nullptr) return line_->stop_reading();
  stage_.run_on(shard(), [this] { blocked_ = true; });
}

void client::read_again() {
  if (line_ != nullptr) {
    line_->read_again();
  } else {
    stage_.run_on(shard(), [this] {
      blocked_ = false;
      mark();
    });
  }
  stage_.settle();
}

void client::leave() {
  if (line_ == nullptr) {
    return stage_.run_on(shard(), [this] {
      if (connection_) connection_->ended({hubbub::close_cause::client_left, {}});
    });
  }
  line_->leave();
  stage_.settle();
}

void client::cut() {
  line_->cut();
  stage_.settle();
}

bool client::resume() {
  const bool resumed = line_->resume();
  stage_.settle();
  return resumed;
}

void client::remove() {
  if (line_ != nullptr) return line_->remove();
  stage_.run_on(shard(), [this] {
    if (connection_) connection_->removed();
  });
}

// ---------------------------------------------------------------------------------------------- seeing

json client::next() {
  const bool came = stage_.wait([this] { return looked_at_ < messages_.size(); }, "the next message");
  std::lock_guard lock(stage_.seen.mutex);
  return came ? messages_[looked_at_++] : json();
}

std::vector<json> client::news() {
  stage_.settle();
  std::lock_guard lock(stage_.seen.mutex);
  std::vector<json> fresh(messages_.begin() + static_cast<std::ptrdiff_t>(looked_at_), messages_.end());
  looked_at_ = messages_.size();
  return fresh;
}

std::vector<std::string> client::received_texts() {
  std::vector<std::string> texts;
  for (const json& message : news()) {
    if (message.value("target", "") == "Receive") texts.push_back(message["arguments"].at(0));
  }
  return texts;
}

json client::completion_of(const std::string& id) {
  const auto find = [&]() -> const json* {
    for (const json& message : messages_) {
      if (message.value("type", 0) == 3 && message.value("invocationId", "") == id) return &message;
    }
    return nullptr;
  };
  const bool came = stage_.wait([&] { return find() != nullptr; }, "the completion of invocation " + id);
  std::lock_guard lock(stage_.seen.mutex);
  return came ? *find() : json::object();
}

bool client::has_completion(const std::string& id) {
  stage_.settle();
  std::lock_guard lock(stage_.seen.mutex);
  for (const json& message : messages_) {
    if (message.value("type", 0) == 3 && message.value("invocationId", "") == id) return true;
  }
  return false;
}

end client::wait_for_end() {
  stage_.wait([this] { return end_ != end::none; }, "the end of the connection");
  std::lock_guard lock(stage_.seen.mutex);
  return end_;
}

end client::wait_for_nothing() {
  stage_.settle();
  std::lock_guard lock(stage_.seen.mutex);
  return end_;
}

std::size_t client::pings() {
  std::lock_guard lock(stage_.seen.mutex);
  return pings_;
}

std::vector<std::string> client::writes() {
  stage_.settle();
  std::lock_guard lock(stage_.seen.mutex);
  return writes_;
}

std::size_t client::flushes_asked() {
  if (line_ != nullptr) return line_->flushes_asked();
  std::lock_guard lock(stage_.seen.mutex);
  return flushes_asked_;
}

bool client::asked_to_pause() {
  if (line_ != nullptr) return line_->asked_to_pause();
  bool paused = false;
  stage_.run_on(shard(), [&] { paused = paused_; });
  return paused;
}

std::size_t client::unread_by_server() {
  if (line_ != nullptr) return line_->unread_by_server();
  std::size_t bytes = 0;
  stage_.run_on(shard(), [&] { bytes = held_back_.size(); });
  return bytes;
}

std::size_t client::waiting_bytes() {
  if (line_ != nullptr) return line_->waiting_bytes();
  std::size_t bytes = 0;
  stage_.run_on(shard(), [&] { bytes = connection_->waiting_bytes(); });
  return bytes;
}

// The record is locked by the caller.
void client::read(std::string_view piece) {
  writes_.emplace_back(piece);
  unfinished_ += piece;
  while (auto message = take_message(unfinished_, answered_ ? form_ : wire_form::json)) {
    answered_ = true;
    if (message->is_object() && message->value("type", 0) == 6) {
      ++pings_;
    } else {
      messages_.push_back(std::move(*message));
    }
  }
}

// By hand: what the kit's line has seen since the last look.
void client::look() {
  std::lock_guard lock(stage_.seen.mutex);
  const std::vector<std::string>& all = line_->writes();
  while (writes_.size() < all.size()) read(all[writes_.size()]);
  switch (line_->ended()) {
    case hubbub::testing::wire_end::finished: end_ = end::finished; return;
    case hubbub::testing::wire_end::failed: end_ = end::failed; return;
    case hubbub::testing::wire_end::dropped: end_ = end::dropped; return;
    default: return;
  }
}

// ---------------------------------------------------------------------------------------------- on the shard

void client::mark() {
  if (marked_) return;
  marked_ = true;
  office_->dirty.push_back(this);
}

void client::deliver(std::string bytes) {
  if (paused_) {
    held_back_ += bytes;
  } else {
    connection_->deliver(bytes);
  }
}

void client::flush_now() {
  {
    std::lock_guard lock(stage_.seen.mutex);
    ++flushes_asked_;
  }
  send_out();
  connection_->taken();
}

void client::finish(hubbub::ending how) {
  wanted_end_ = how == hubbub::ending::normal ? end::finished : end::failed;
  mark();
}
void client::drop() {
  wanted_end_ = end::dropped;
  mark();
}
void client::pause_reading() { paused_ = true; }
void client::resume_reading() {
  paused_ = false;
  mark();
}

void client::send_out() {
  hubbub::outbox& waiting = connection_->waiting();
  while (!blocked_ && !waiting.empty()) {
    const hubbub::bytes_view next = waiting.next_write(office_->shop, 16 * 1024, true);
    const std::string piece(next);
    waiting.consume(piece.size(), office_->shop);
    std::lock_guard lock(stage_.seen.mutex);
    read(piece);
    stage_.seen.changed.notify_all();
  }
}

void client::get_on() {
  marked_ = false;
  if (!paused_ && !held_back_.empty()) connection_->deliver(std::exchange(held_back_, {}));
  if (wanted_end_ == end::dropped) return note_end(end::dropped);
  send_out();
  connection_->taken();
  if (wanted_end_ && connection_->waiting().empty()) note_end(*wanted_end_);
}

void client::note_end(end how) {
  connection_->ended({hubbub::close_cause::client_left, {}});
  std::lock_guard lock(stage_.seen.mutex);
  if (end_ == end::none) end_ = how;
  stage_.seen.changed.notify_all();
}

void post_office::on_turn_end() {
  std::vector<client*> now;
  now.swap(dirty);
  for (client* one : now) one->get_on();
  shop.settle();
  if (!dirty.empty()) home_.want_turn();
}

}  // namespace hub_story
