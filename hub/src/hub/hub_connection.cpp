// The life of a hub's connection: handshake, on_connected, messages, the end. Nothing of it is elsewhere.
#include "hub_connection.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "hub_connection_sending.hpp"
#include "hub_shard.hpp"
#include "hubbub/core/sleep.hpp"
#include "hubbub/hub/hub_error.hpp"
#include "hubbub/protocol/handshake.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr std::size_t spill_limit = 64 * 1024;  // decision 14
constexpr auto slow_goodbye =
    std::chrono::milliseconds(5'000);  // an on_disconnected that takes longer no longer holds the transport
constexpr std::string_view closed_with_error = "Connection closed with an error.";

// Set while a hub object is made, so that its base knows the connection inside constructors too.
thread_local hub_connection* connection_of_new_hub = nullptr;

std::uint32_t milliseconds(std::chrono::milliseconds duration) noexcept {
  return static_cast<std::uint32_t>(duration.count());
}

}  // namespace

hub_connection::hub_connection(hub_shard& place, connection& link)
    : place_(place), link_(&link), last_heard_(0), last_ping_(0), row_(row_without_protocol(link.transport())) {
  last_heard_ = last_ping_ = stamp();
  link.set_receiver(this);
  place_.add(*this);
  place_.counters().arrived(row_);
}

std::uint32_t hub_connection::stamp() const noexcept {
  const auto now = home().now().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// ---------------------------------------------------------------------------------------------- reading

void hub_connection::on_bytes(bytes_view received) {
  if (state_ >= state::closing) return;
  last_heard_ = stamp();
  place_.traffic().received[row_].add(received.size());
  if (unread_ != nullptr || held_) {
    keep(received);
    if (!held_) read_kept();
    return;
  }
  std::size_t scanned = 0;
  const std::size_t used = read(received, scanned);
  if (state_ >= state::closing || used == received.size()) return;
  keep(received.substr(used));
  unread_->scanned = scanned;
}

void hub_connection::keep(bytes_view received) {
  if (unread_ == nullptr) unread_ = std::make_unique<unread_bytes>();
  unread_->bytes.append(received);
  if (stateful_ && held_) look_for_acks();
  if (!held_ || input_paused_ || unread_->bytes.size() - unread_->at <= spill_limit) return;
  input_paused_ = true;
  link_->pause_input();
}

void hub_connection::read_kept() {
  if (unread_ != nullptr) {
    unread_bytes& kept = *unread_;
    kept.at += read(bytes_view(kept.bytes).substr(kept.at), kept.scanned);
    if (state_ >= state::closing) {
      unread_.reset();
      return;
    }
    if (kept.at == kept.bytes.size()) {
      unread_.reset();
    } else if (kept.at > spill_limit || kept.at > kept.bytes.size() / 2) {
      kept.bytes.erase(0, kept.at);
      if (kept.peeked < kept.at) kept.peeked_scanned = 0;
      kept.peeked -= std::min(kept.peeked, kept.at);
      kept.at = 0;
    }
  }
  if (!input_paused_ || held_) return;
  input_paused_ = false;
  link_->resume_input();
}

std::size_t hub_connection::read(bytes_view received, std::size_t& scanned) {
  std::size_t used = 0;
  struct while_reading {
    hub_connection& self;
    explicit while_reading(hub_connection& one) noexcept : self(one) { self.reading_ = true; }
    ~while_reading() { self.reading_ = false; }
  } const guard(*this);
  const std::size_t limit = place_.definition().settings.max_message_size;
  while (!held_ && state_ < state::closing && used < received.size()) {
    const bytes_view rest = received.substr(used);
    if (state_ == state::handshake) {
      const std::size_t taken = read_handshake(rest, scanned);
      if (taken == 0) break;
      used += taken;
      continue;
    }
    const message_cut found = protocol().cut(rest, scanned, limit);
    if (found.found == message_cut::outcome::incomplete) break;
    if (found.found == message_cut::outcome::too_large) {
      home_log("a client sent a message larger than option max_message_size allows");
      fail_protocol(close_cause::message_too_large,
                    "The maximum message size of " + std::to_string(limit) +
                        "B was exceeded. The message size can be configured in AddHubOptions.",
                    "InvalidDataException");
      break;
    }
    if (found.found == message_cut::outcome::malformed) {
      fail_protocol(close_cause::protocol_error, "Messages over 2GB in size are not supported.", "FormatException");
      break;
    }
    if (!read_message(rest.substr(found.begin, found.size))) {
      if (stateful_) rare_->received->give_back(found.size);
      scanned = 0;
      break;
    }
    used += found.used;
    scanned = 0;
  }
  return used;
}

bool hub_connection::read_message(bytes_view encoded) {
  hub_message& message = place_.message();
  switch (protocol().parse(encoded, message)) {
    case parse_status::skip: return true;
    case parse_status::fatal:
      fail_protocol(close_cause::protocol_error, message.problem, message.problem_type);
      return true;
    case parse_status::message: break;
  }
  if (stateful_ && !takes_numbered(message, encoded.size())) return true;
  switch (message.type) {
    case message_type::invocation:
    case message_type::stream_invocation: invoke(message); return !held_;
    case message_type::cancel_invocation: cancel_invocation(message.invocation_id); return true;
    case message_type::ping: pings_ = true; return true;
    case message_type::close: {
      close_reason why{close_cause::client_closed, std::string(message.error)};
      close(std::move(why), {}, false);
      return true;
    }
    case message_type::stream_item: take_stream_item(message); return true;
    case message_type::completion: take_completion(message); return true;
    case message_type::ack:
      if (stateful_) link_->acknowledged(message.sequence_id);
      return true;
    case message_type::sequence:
      if (stateful_) take_sequence(message.sequence_id);
      return true;
    case message_type::unknown: return true;
  }
  return true;
}

bool hub_connection::hold_when_full() {
  if (slots_taken_ < place_.definition().settings.max_parallel_invocations) return false;
  needs_slot_ = true;
  held_ = true;
  return true;
}

void hub_connection::go_on() {
  if (!held_ || going_on_ || state_ >= state::closing) return;
  if (state_ == state::opening) return;
  if (uploads_full_) return;
  if (needs_slot_ && slots_taken_ >= place_.definition().settings.max_parallel_invocations) return;
  needs_slot_ = false;
  if (reading_) {  // the loop that reads goes on by itself
    held_ = false;
    return;
  }
  // Not here: this may be the end of a method's own frame.
  going_on_ = true;
  home().defer([this] {
    going_on_ = false;
    if (state_ >= state::closing) return destroy_when_idle();
    held_ = false;
    last_heard_ = stamp();  // silence is counted from when the client is listened to again
    read_kept();
  });
}

// ---------------------------------------------------------------------------------------------- handshake

std::size_t hub_connection::read_handshake(bytes_view received, std::size_t& scanned) {
  const std::size_t limit = place_.definition().settings.max_message_size;
  const std::size_t end = received.find(record_separator, scanned);
  if (limit != 0 && (end == bytes_view::npos ? received.size() > limit : end + 1 > limit)) {
    refuse_handshake("Handshake was canceled.", "the handshake is larger than max_message_size");
    return 0;
  }
  if (end == bytes_view::npos) {
    scanned = received.size();
    return 0;
  }
  scanned = 0;
  shake_hands(received.substr(0, end));
  return end + 1;
}

void hub_connection::shake_hands(bytes_view encoded) {
  const handshake_request wanted = parse_handshake_request(encoded);
  if (!wanted.valid) {
    std::string text = "An unexpected error occurred during connection handshake.";
    if (place_.definition().settings.detailed_errors) text += " " + wanted.problem;
    return refuse_handshake(text, wanted.problem);
  }
  const hub_protocol* chosen = protocol_called(wanted.protocol, place_.definition().settings.protocols);
  if (chosen == nullptr) {
    return refuse_handshake("The protocol '" + wanted.protocol + "' is not supported.", "unknown hub protocol");
  }
  const std::string name(chosen->name());
  if (wanted.version > 2) {
    return refuse_handshake(
        "The server does not support version " + std::to_string(wanted.version) + " of the '" + name + "' protocol.",
        "unsupported protocol version");
  }
  if (chosen->format() == transfer_format::binary && !link_->carries_binary()) {
    return refuse_handshake("Cannot use the '" + name +
                                "' protocol on the current transport. The transport does not support 'Binary' transfer "
                                "format.",
                            "a binary protocol on a transport for text");
  }
  std::string user;
  try {
    static const request none;
    const request* by = link_->started_by().whole();
    user = place_.definition().user_id(link_->user(), by == nullptr ? none : *by);
  } catch (const std::exception& error) {
    log(log_level::error, "choosing the user id failed: " + printable(error.what(), 1000));
    return refuse_handshake("An unexpected error occurred during connection handshake.", "choosing the user id failed");
  } catch (...) {
    log(log_level::error, "choosing the user id failed with something that is no std::exception");
    return refuse_handshake("An unexpected error occurred during connection handshake.", "choosing the user id failed");
  }
  wire_buffer& out = home().buffer().scratch();
  write_handshake_response(out);
  link_->set_format(chosen->format());
  place_.counters().agreed(row_, row_of(link_->transport(), chosen->format()));
  row_ = row_of(link_->transport(), chosen->format());
  queue(out.view(), true);
  if (link_->stateful() && wanted.version == 2) begin_stateful();
  place_.definition().lifetime->add(*this, user);
  state_ = state::opening;
  open();
}

void hub_connection::refuse_handshake(std::string_view error, std::string text) {
  wire_buffer& out = home().buffer().scratch();
  write_handshake_error(out, error);
  queue(out.view(), true);
  begin_end({close_cause::handshake_failed, std::move(text)});
}

// ---------------------------------------------------------------------------------------------- opening

void hub_connection::open() {
  task<void> hook;
  std::exception_ptr error;
  opening_hook_runs_ = true;  // an end that the application asks for in here waits until it has returned
  try {
    hub_connection* before = std::exchange(connection_of_new_hub, this);
    try {
      hub_ = place_.definition().factory();
    } catch (...) {
      error = std::current_exception();
    }
    connection_of_new_hub = before;
    const hub_definition& definition = place_.definition();
    if (error == nullptr && definition.filters.runs(definition.type.connected())) {
      home().watched("on_connected", [&] { hook = definition.filters.connected(*hub_, definition.type.connected()); });
    }
  } catch (...) {
    error = std::current_exception();
  }
  if (error != nullptr || !hook) return opened(error);
  held_ = true;  // no message is read until on_connected returns (server-semantics 2)
  auto record = std::make_unique<running_invocation>(*this, nullptr, std::string_view(), false);
  record->before_client_call = [](task_context&) {
    throw std::logic_error("Client results inside OnConnectedAsync Hub methods are not allowed.");
  };
  task_context& context = *record;
  home().watched("on_connected", [&] { run_connected(context, std::move(record), std::move(hook)); });
}

driver hub_connection::run_connected(task_context&, std::unique_ptr<running_invocation> record, task<void> hook) {
  std::exception_ptr error;
  try {
    co_await std::move(hook);
  } catch (...) {
    error = std::current_exception();
  }
  record->connection_->opened(error);
}

void hub_connection::opened(const std::exception_ptr& error) {
  opening_hook_runs_ = false;
  if (state_ >= state::closing) {  // the client left while on_connected ran
    connected_ran_ = error == nullptr;
    run_disconnected();
    return;
  }
  if (error != nullptr) {
    log_failure("on_connected", error);
    close({close_cause::open_failed, "on_connected failed"}, std::string(closed_with_error) + detail_of(error), false);
    return;
  }
  connected_ran_ = true;
  state_ = state::open;
  link_->pack_request(place_.definition().settings.kept_headers);
  go_on();
}

// ---------------------------------------------------------------------------------------------- the end

void hub_connection::close(close_reason why, std::string_view error, bool allow_reconnect) {
  if (state_ >= state::closing) return;
  if (state_ == state::handshake) {
    if (why.cause == close_cause::server_stopping) return begin_end(std::move(why));
  } else {
    send_message(
        [&](const hub_protocol& protocol, wire_buffer& out) { protocol.write_close(out, error, allow_reconnect); });
  }
  begin_end(std::move(why));
}

void hub_connection::fail_protocol(close_cause cause, std::string text, std::string_view type) {
  std::string error(closed_with_error);
  if (place_.definition().settings.detailed_errors) error += " " + std::string(type) + ": " + text;
  close({cause, std::move(text)}, error, true);
}

void hub_connection::begin_end(close_reason why) {
  if (state_ >= state::closing) return;
  if (why.is_error() && home().log().writes(log_level::debug)) {
    log(log_level::debug,
        "connection ends: " + std::string(name_of(why.cause)) + (why.text.empty() ? "" : ": " + printable(why.text)));
  }
  state_ = state::closing;
  last_heard_ = stamp();
  place_.counters().ended(why.cause);
  rare().ended_because = std::move(why);
  link_->seal();
  if (!reading_) unread_.reset();
  cancel_running();
  fail_client_results();
  if (!opening_hook_runs_) run_disconnected();
}

void hub_connection::cancel_running() {
  // Cancelled waits resume later in the turn, so the list stays as it is meanwhile.
  for (running_invocation* one = running_; one != nullptr; one = one->next_) one->cancel->cancel();
  if (rare_ == nullptr) return;
  if (rare_->aborted.state() != nullptr) rare_->aborted.state()->cancel();
  on_drained();
}

void hub_connection::run_disconnected() {
  const hub_definition& definition = place_.definition();
  if (!connected_ran_ || !definition.filters.runs(definition.type.disconnected())) return finish(false);
  connected_ran_ = false;  // owed once
  task<void> hook;
  try {
    home().watched("on_disconnected", [&] {
      hook = definition.filters.disconnected(*hub_, rare().ended_because, definition.type.disconnected());
    });
  } catch (...) {
    send_failure({}, "on_disconnected", std::current_exception());
    return finish(true);
  }
  if (!hook) return finish(false);
  auto record = std::make_unique<running_invocation>(*this, nullptr, std::string_view(), false);
  task_context& context = *record;
  home().watched("on_disconnected", [&] { run_disconnected_hook(context, std::move(record), std::move(hook)); });
}

driver hub_connection::run_disconnected_hook(task_context&, std::unique_ptr<running_invocation> record,
                                             task<void> hook) {
  std::exception_ptr error;
  try {
    co_await std::move(hook);
  } catch (...) {
    error = std::current_exception();
  }
  if (error != nullptr) record->connection_->send_failure({}, "on_disconnected", error);
  record->connection_->finish(error != nullptr);
}

void hub_connection::finish(bool hook_failed) {
  if (state_ == state::closed) return;
  state_ = state::closed;
  if (running_ != nullptr && !user_id().empty()) rare().former_user = user_id();
  place_.definition().lifetime->remove(*this);
  place_.counters().left(row_);
  on_drained();  // who began to wait while on_disconnected ran would wait for ever
  if (rare().ended_because.cause == close_cause::outbox_full) {
    link_->drop();  // it does not read: a goodbye would only wait too
  } else {
    link_->finish(hook_failed ? ending::failed : ending::normal);
  }
  destroy_when_idle();
}

void hub_connection::on_closed(close_reason why) {
  if (state_ == state::closed) return;
  if (state_ < state::closing) begin_end(std::move(why));
}

void hub_connection::on_removed() {
  if (state_ == state::handshake) return begin_end({close_cause::client_closed, {}});
  close({close_cause::client_closed, {}}, {}, true);
}

void hub_connection::on_outbox_full() {
  // Called from inside a fan-out: nothing may leave the store now.
  log(log_level::information, "a client is too slow: more than " +
                                  std::to_string(place_.definition().settings.outbox_limit) +
                                  " bytes wait for it (option outbox_limit); its connection is ended");
  home().defer([this, alive = link_] {
    if (alive->receiver() == this) begin_end({close_cause::outbox_full, "the outbox limit was exceeded"});
  });
}

void hub_connection::destroy_when_idle() {
  if (state_ != state::closed || running_ != nullptr || going_on_ || destroying_) return;
  destroying_ = true;
  // Later in the turn: this may be called from the last method's own frame, or from inside `read`.
  home().defer([this] {
    link_->set_receiver(nullptr);
    place_.remove(*this);
    delete this;
  });
}

// ---------------------------------------------------------------------------------------------- what runs

void hub_connection::started(running_invocation& record) {
  record.next_ = running_;
  if (running_ != nullptr) running_->previous_ = &record.next_;
  record.previous_ = &running_;
  running_ = &record;
  if (record.takes_slot_) ++slots_taken_;
}

void hub_connection::finished(running_invocation& record) {
  *record.previous_ = record.next_;
  if (record.next_ != nullptr) record.next_->previous_ = record.previous_;
  if (record.takes_slot_) --slots_taken_;
  if (state_ == state::closed) return destroy_when_idle();
  go_on();
}

driver hub_connection::run_spawned(task_context&, std::unique_ptr<running_invocation> record, task<void> work) {
  std::exception_ptr error;
  try {
    co_await std::move(work);
  } catch (...) {
    error = std::current_exception();
  }
  if (error != nullptr) record->connection_->send_failure({}, "a spawned task", error);
}

void hub_connection::spawn(task<void> work) {
  auto record = std::make_unique<running_invocation>(*this, nullptr, std::string_view(), false);
  if (state_ >= state::closing) record->cancel->cancel();
  task_context& context = *record;
  run_spawned(context, std::move(record), std::move(work));
}

std::string hub_connection::running_names() const {
  std::string names;
  for (const running_invocation* one = running_; one != nullptr; one = one->next_) {
    names += (names.empty() ? "" : ", ") + place_.definition().lifetime->name() + "." + std::string(one->name);
  }
  return names.empty() ? names : names + "; ";
}

// ---------------------------------------------------------------------------------------------- time

void hub_connection::sweep(time_point) {
  const hub_settings& settings = place_.definition().settings;
  const std::uint32_t now = stamp();
  if (state_ == state::handshake) {
    if (now - last_ping_ >= milliseconds(settings.handshake_timeout))
      refuse_handshake("Handshake was canceled.", "no handshake in time");
    return;
  }
  if (state_ == state::closing && now - last_heard_ > milliseconds(slow_goodbye)) link_->finish(ending::normal);
  if (state_ == state::closing || state_ == state::closed) return;
  if (settings.close_on_authentication_expiration && link_->authenticated_until() &&
      *link_->authenticated_until() < std::chrono::system_clock::now()) {
    return close({close_cause::authentication_expired, {}}, {}, true);
  }
  if (link_->inherent_keep_alive() || link_->interrupted()) return;
  if (stateful_) look_after_acks();
  if (settings.keep_alive_interval.count() != 0 && now - last_ping_ >= milliseconds(settings.keep_alive_interval)) {
    last_ping_ = now;
    const frame_ref& ping = place_.ping(protocol());
    ping->acquire();
    stateful_ ? void(send_frame_ahead(ping.get())) : send_frame(ping.get());
  }
  if (pings_ && !held_ && settings.client_timeout.count() != 0 &&
      now - last_heard_ > milliseconds(settings.client_timeout)) {
    fail_protocol(close_cause::client_timeout,
                  "Client hasn't sent a message/ping within the configured ClientTimeoutInterval.",
                  "OperationCanceledException");
  }
}

void hub_connection::send_frame(frame* adopted) {
  const std::size_t size = adopted->payload().size();
  if (link_->send_adopted(adopted)) place_.traffic().sent[row_].add(size);
}

void hub_connection::on_drained() {
  if (rare_ == nullptr) return;
  for (const auto& waiting : std::exchange(rare_->waiting_for_drain, {})) waiting->end();
}

void hub_connection::wait_for_drain(std::shared_ptr<drain_wait> waiting) {
  rare().waiting_for_drain.push_back(std::move(waiting));
}

// ---------------------------------------------------------------------------------------------- access

hub_connection::rarely_used& hub_connection::rare() {
  if (rare_ == nullptr) rare_ = std::make_unique<rarely_used>();
  return *rare_;
}

const request& hub_connection::started_by() {
  if (const request* whole = link_->started_by().whole()) return *whole;
  if (rare().unpacked == nullptr) rare().unpacked = std::make_unique<request>(link_->started_by().copy());
  return *rare().unpacked;
}

connection_items& hub_connection::items() { return rare().items; }

cancellation hub_connection::aborted() {
  if (rare().aborted.state() == nullptr) {
    rare().aborted = cancellation(new cancellation_state);
    if (state_ >= state::closing) rare().aborted.state()->cancel();
  }
  return rare().aborted;
}

const std::string& hub_connection::user_id() const noexcept {
  static const std::string none;
  if (stored.sets != nullptr && stored.sets->user.set != nullptr) return stored.sets->user.set->name;
  return rare_ == nullptr ? none : rare_->former_user;
}

void hub_connection::log(log_level level, std::string_view text, std::string_view method,
                         std::string_view trace_id) const {
  if (!home().log().writes(level)) return;
  const std::string id = link_->id_for_logs();
  std::string called;
  if (!method.empty()) ((called = place_.definition().lifetime->name()) += '.') += method;
  home().log().log({.level = level,
                    .category = "hub",
                    .message = text,
                    .connection_id = id,
                    .hub_method = called,
                    .trace_id = trace_id});
}

void hub_connection::home_log(std::string_view text, std::string_view method) const {
  if (home().log().writes(log_level::debug)) log(log_level::debug, printable(text), method);
}

hub_base::hub_base() : connection_(connection_of_new_hub) {}
std::string hub_base::connection_id() const { return connection_->link().id().text(); }
const std::string& hub_base::user_id() const noexcept { return connection_->user_id(); }
const principal* hub_base::user() const noexcept { return connection_->link().user(); }
const request& hub_base::request() const { return connection_->started_by(); }
hub_caller_clients hub_base::clients() const noexcept {
  return hub_caller_clients(*connection_->place().definition().lifetime, connection_->link().id());
}
const std::string& hub_base::hub_name() const noexcept { return connection_->place().definition().lifetime->name(); }
group_manager hub_base::groups() const noexcept { return group_manager(*connection_->place().definition().lifetime); }
connection_items& hub_base::items() { return connection_->items(); }
void hub_base::abort() { connection_->close({close_cause::aborted, {}}, {}, false); }
cancellation hub_base::connection_aborted() const { return connection_->aborted(); }
void hub_base::spawn(task<void> work) { connection_->spawn(std::move(work)); }
shard& hub_base::home() const noexcept { return connection_->link().home(); }
logger& hub_base::log() const noexcept { return connection_->link().home().log(); }

}  // namespace hubbub::inline v0
