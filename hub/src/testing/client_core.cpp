// Testing clients: what they say, what they have read, and what they complain of.
#include "hubbub/testing/client_core.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "call_message.hpp"
#include "client_replay.hpp"
#include "hubbub/protocol/handshake.hpp"
#include "hubbub/testing/failure.hpp"
#include "node.hpp"
#include "value_text.hpp"

namespace hubbub::inline v0::testing::detail {
namespace {

std::string lowered(std::string_view name) {
  std::string low(name);
  for (char& one : low) {
    if (one >= 'A' && one <= 'Z') one = static_cast<char>(one - 'A' + 'a');
  }
  return low;
}

constexpr std::size_t most_told = 8;  // events in a message

}  // namespace

std::string readable_type_name(const char* mangled) {
  int status = 0;
  char* text = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  std::string name = status == 0 ? text : mangled;
  std::free(text);
  for (const std::string_view wordy :
       {"std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >"}) {
    for (std::size_t at = name.find(wordy); at != std::string::npos; at = name.find(wordy)) {
      name.replace(at, wordy.size(), "std::string");
    }
  }
  return name;
}

client_core::client_core(node& on, raw_client& line, const hub_protocol& protocol, std::string name,
                         std::chrono::milliseconds pings_every)
    : node_(&on),
      line_(&line),
      protocol_(protocol),
      id_(line.id()),
      name_(std::move(name)),
      pings_every_(pings_every),
      last_ping_(on.time.now()),
      replay_(line.stateful() ? std::make_unique<client_replay>(protocol) : nullptr) {}

client_core::~client_core() = default;

// ---------------------------------------------------------------------------------------------- saying

void client_core::check_host() const {
  if (node_ == nullptr) throw std::logic_error("hubbub: the testing host of client " + name_ + " is gone");
}

void client_core::check_connected() const {
  check_host();
  if (over_) throw connection_error(name_ + " is not connected: " + how_it_ended());
}

raw_client& client_core::line() {
  check_host();
  return *line_;
}

void client_core::say(const std::function<void(wire_buffer&)>& write) {
  check_connected();
  wire_buffer out;
  write(out);
  if (replay_ != nullptr) replay_->sent(out.view());
  line_->say(out.view());
}

// What has no number under stateful reconnect.
void client_core::say_aside(const std::function<void(wire_buffer&)>& write) {
  check_connected();
  wire_buffer out;
  write(out);
  line_->say(out.view());
}

void client_core::shake_hands() {
  const int version = replay_ == nullptr ? 1 : 2;
  say_aside([&](wire_buffer& out) { write_handshake_request(out, protocol_.name(), version); });
  if (!refused_.empty()) throw connection_error(refused_);
  if (over_) throw connection_error(close_ && !close_->error.empty() ? close_->error : how_it_ended());
  if (!shaken_) fail("the handshake was not answered");
}

void client_core::send(std::string_view target, std::size_t count, write_values arguments,
                       const std::vector<std::string>& streams) {
  say([&](wire_buffer& out) {
    write_call(out, protocol_, {message_type::invocation, {}, target, streams, headers_}, count, arguments);
  });
}

std::shared_ptr<reply> client_core::call(bool streams_back, std::string_view target, std::size_t count,
                                         write_values arguments, const std::vector<std::string>& streams) {
  check_connected();
  auto wanted = std::make_shared<reply>();
  wanted->id = new_id();
  wanted->method = std::string(target);
  calls_[wanted->id] = wanted;
  const message_type type = streams_back ? message_type::stream_invocation : message_type::invocation;
  say([&](wire_buffer& out) {
    write_call(out, protocol_, {type, wanted->id, target, streams, headers_}, count, arguments);
  });
  return wanted;
}

void client_core::cancel(const std::string& id) {
  say([&](wire_buffer& out) { protocol_.write_cancel(out, id); });
}

void client_core::send_item(const std::string& id, write_values item) {
  say([&](wire_buffer& out) { protocol_.write_stream_item(out, id, item); });
}

void client_core::complete_stream(const std::string& id, std::optional<std::string_view> error) {
  say([&](wire_buffer& out) {
    if (error) {
      protocol_.write_error_completion(out, id, *error);
    } else {
      protocol_.write_void_completion(out, id);
    }
  });
}

void client_core::leave(close_reason why) {
  check_host();
  line_->leave(std::move(why));
}

void client_core::resume() {
  check_connected();
  if (replay_ == nullptr) throw std::logic_error("hubbub: client " + name_ + " has not asked for stateful reconnect");
  received_.clear();
  read_ = 0;
  replay_->await_sequence();
  if (!line_->resume()) throw connection_error("the connection of " + name_ + " cannot be resumed");
  say_aside([this](wire_buffer& out) { replay_->begin_again(out); });
}

void client_core::pings_every(std::chrono::milliseconds interval) {
  check_host();
  pings_every_ = interval;
  last_ping_ = node_->time.now();
}

std::optional<time_point> client_core::next_due() const noexcept {
  if (over_) return std::nullopt;
  std::optional<time_point> due = replay_ == nullptr ? std::nullopt : replay_->ack_at();
  if (pings_every_.count() > 0) due = std::min(due.value_or(last_ping_ + pings_every_), last_ping_ + pings_every_);
  return due;
}

void client_core::act_if_due(time_point now) {
  if (over_) return;
  if (replay_ != nullptr && replay_->ack_at().value_or(now + std::chrono::hours(1)) <= now) {
    say_aside([this](wire_buffer& out) { replay_->write_ack(out); });
  }
  if (over_ || pings_every_.count() <= 0 || last_ping_ + pings_every_ > now) return;
  last_ping_ = now;
  say_aside([this](wire_buffer& out) { protocol_.write_ping(out); });
}

// ---------------------------------------------------------------------------------------------- seeing

void client_core::settle() {
  check_host();
  node_->settle();
}

void client_core::check_completed(const reply& of) {
  settle();
  if (of.error) throw invocation_error(*of.error);
  if (of.completed) return;
  if (over_) throw connection_error("the connection ended before " + of.method + " completed: " + how_it_ended());
  std::string running = node_->still_running();
  if (!running.empty()) running = " (these run: " + running.substr(0, running.find_last_not_of("; ") + 1) + ")";
  fail(of.method + " has not completed: it waits for time to pass, for an answer or for another thread" + running);
}

std::string client_core::text_of(bytes_view encoded) const {
  std::string text;
  read(encoded, [&](value_reader& reader) { append_text(reader, text); });
  return text;
}

std::string client_core::text_of(const event& one) const {
  const std::string list = text_of(one.arguments);
  return one.target + "(" + (list.size() < 2 ? list : list.substr(1, list.size() - 2)) + ")";
}

std::size_t client_core::count_of(bytes_view arguments) const {
  std::size_t count = 0;
  read(arguments, [&](value_reader& reader) {
    if (!reader.enter_array()) return;
    while (reader.next_element() && reader.skip()) ++count;
  });
  return count;
}

std::string client_core::how_it_ended() const {
  const wire_end end = line_->ended();
  if (!refused_.empty()) return "its handshake was refused: " + refused_;
  if (end == wire_end::left) return "it left";
  if (end == wire_end::dropped) return "the hub cut it off";
  if (!close_) return "the hub ended the connection without a word";
  return close_->error.empty() ? "the hub ended the connection" : "the hub said: " + close_->error;
}

std::string client_core::unread_text(std::size_t from) const {
  std::string text;
  for (std::size_t i = from; i < events_.size(); ++i) {
    if (i == from + most_told) return text + ", and " + std::to_string(events_.size() - i) + " more";
    text += (i == from ? "" : ", ") + text_of(events_[i]);
  }
  return text;
}

void client_core::fail(const std::string& what) const { throw test_failure(name_ + ": " + what); }

void client_core::fail(const called_at& at, const std::string& what) const {
  throw test_failure(std::string(at.file) + ":" + std::to_string(at.line) + ": " + name_ + ": " + what);
}

event client_core::next_event(std::string_view wanted, const called_at& at) {
  settle();
  if (events_.empty()) {
    fail(at, "expected " + std::string(wanted) + ", but nothing came" + (over_ ? "; " + how_it_ended() : ""));
  }
  if (lowered(events_.front().target) != lowered(wanted)) {
    fail(at, "expected " + std::string(wanted) + ", but " + unread_text(0) + " came");
  }
  event first = std::move(events_.front());
  events_.pop_front();
  return first;
}

event client_core::take_event(std::string_view wanted, const called_at& at) {
  settle();
  const auto found = std::find_if(events_.begin(), events_.end(),
                                  [&](const event& one) { return lowered(one.target) == lowered(wanted); });
  if (found == events_.end()) {
    fail(at, "expected " + std::string(wanted) + ", but " + (events_.empty() ? "nothing" : unread_text(0)) + " came" +
                 (over_ ? "; " + how_it_ended() : ""));
  }
  event taken = std::move(*found);
  events_.erase(found);
  return taken;
}

void client_core::expect_nothing(const called_at& at) {
  settle();
  if (!events_.empty()) fail(at, "expected nothing, but " + unread_text(0) + " came");
}

farewell client_core::expect_closed(const called_at& at) {
  settle();
  if (!over_) fail(at, "expected the end of its connection, but it is connected");
  farewell told = close_.value_or(farewell());
  told.end = line_->ended();
  return told;
}

std::vector<std::string> client_core::event_texts() {
  settle();
  std::vector<std::string> texts;
  for (const event& one : events_) texts.push_back(text_of(one));
  return texts;
}

void client_core::forget_events() {
  settle();
  events_.clear();
}

void client_core::set_handler(std::string_view event, event_handler handler) {
  handlers_[lowered(event)] = std::move(handler);
}

void client_core::leave_unanswered(std::string_view event) { unanswered_.insert(lowered(event)); }

// ---------------------------------------------------------------------------------------------- reading

bool client_core::hand_out() {
  if (node_ == nullptr) return false;
  std::string fresh = line_->take();
  const bool ends = !over_ && line_->ended() != wire_end::none;
  if (ends) over_ = true;
  if (fresh.empty()) return ends;
  received_.erase(0, std::exchange(read_, 0));
  received_ += fresh;
  if (!shaken_ && !take_handshake()) return true;
  // A handler may come back here through what it does: each message counts as read before it is looked at.
  for (;;) {
    std::size_t scanned = 0;
    const message_cut found = protocol_.cut(bytes_view(received_).substr(read_), scanned, 0);
    if (found.found == message_cut::outcome::incomplete) return true;
    hub_message message;
    const bool whole = found.found == message_cut::outcome::whole;
    const std::string encoded = whole ? received_.substr(read_ + found.begin, found.size) : std::string();
    if (!whole || protocol_.parse(encoded, message) == parse_status::fatal) {
      fail("what the hub sent cannot be read: " + message.problem);
    }
    read_ += found.used;
    if (replay_ == nullptr || replay_->lets_in(message, node_->time.now())) take(message);
    if (replay_ != nullptr && !replay_->problem().empty()) fail(replay_->problem());
  }
}

bool client_core::take_handshake() {
  const std::size_t end = received_.find(record_separator);
  if (end == std::string::npos) return false;
  const std::string answer = received_.substr(0, end);
  received_.erase(0, end + 1);
  if (answer == "{}") {
    shaken_ = true;
    return true;
  }
  refused_ = answer;
  json_hub_protocol().with_reader(answer, [&](value_reader& reader) {
    std::string_view key;
    std::string error;
    if (reader.enter_object() && reader.next_member(key) && reader.read(error)) refused_ = error;
  });
  return false;
}

void client_core::take(const hub_message& message) {
  const auto call = calls_.find(std::string(message.invocation_id));
  switch (message.type) {
    case message_type::invocation: return take_invocation(message);
    case message_type::stream_item:
      if (call != calls_.end()) call->second->items.emplace_back(message.value);
      return;
    case message_type::completion:
      if (call == calls_.end()) return;
      if (message.has_error) call->second->error = std::string(message.error);
      if (message.has_result) call->second->result = std::string(message.value);
      call->second->completed = true;
      calls_.erase(call);
      return;
    case message_type::ping: ++pings_; return;
    case message_type::close:
      close_ = farewell{.error = std::string(message.error), .allow_reconnect = message.allow_reconnect};
      return;
    default: return;
  }
}

void client_core::take_invocation(const hub_message& message) {
  event asked{.target = std::string(message.target), .arguments = std::string(message.value)};
  const std::string name = lowered(asked.target);
  const auto handler = handlers_.find(name);
  if (message.has_invocation_id) {
    if (unanswered_.contains(name)) return events_.push_back(std::move(asked));
    return answer(std::string(message.invocation_id), handler == handlers_.end() ? event_handler() : handler->second,
                  asked);
  }
  if (handler == handlers_.end()) return events_.push_back(std::move(asked));
  const event_handler call = handler->second;  // it may replace itself
  read(asked.arguments, [&](value_reader& reader) { call(reader, [](write_values) {}); });
}

// Exactly one Completion, with the texts of Microsoft's clients (hub-protocol.md 6.4).
void client_core::answer(const std::string& id, const event_handler& handler, const event& asked) {
  wire_buffer out;
  std::string error = "Client didn't provide a result.";
  if (handler) {
    try {
      read(asked.arguments, [&](value_reader& reader) {
        handler(reader, [&](write_values result) { protocol_.write_completion(out, id, result); });
      });
    } catch (const std::exception& thrown) {
      error = thrown.what();
    }
  }
  if (over_) return;
  if (out.size() == 0) protocol_.write_error_completion(out, id, error);
  if (replay_ != nullptr) replay_->sent(out.view());
  node_->deliver(*line_, out.view());  // settling is under way: this is part of it
}

}  // namespace hubbub::inline v0::testing::detail
