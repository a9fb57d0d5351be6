// Invocations: binding, admission, completion.
#include "hubbub/hub/invocation.hpp"

#include <algorithm>

#include "hub_connection_sending.hpp"
#include "hub_shard.hpp"

namespace hubbub::inline v0 {
namespace {

std::string could_not_invoke(std::string_view method) {
  return "Failed to invoke '" + std::string(method) + "' due to an error on the server.";
}

}  // namespace

running_invocation::running_invocation(hub_connection& connection, const hub_method* method,
                                       std::string_view invocation_id, bool takes_slot)
    : connection_(&connection),
      method_(method),
      invocation_id_(invocation_id),
      cancellation_(new cancellation_state),
      takes_slot_(takes_slot) {
  home = &connection.link().home();
  cancel = cancellation_.state();
  before_client_call = [](task_context& of) { static_cast<running_invocation&>(of).give_slot_back(); };
  name = method == nullptr ? std::string_view("a hook or spawned task") : method->name;
  connection_->started(*this);
}

running_invocation::~running_invocation() {
  if (received_ != nullptr) {  // it has never waited
    received_->record_ = nullptr;
    received_->ended(failed_);
  } else if (method_ != nullptr) {
    hub_counters& counts = connection_->place().counters();
    counts.called(*method_, failed_, counts.clock().since(begun_));
  }
  if (uploads_ != nullptr) connection_->close_uploads(*uploads_);
  connection_->finished(*this);
}

void running_invocation::open_upload(std::shared_ptr<upload> fresh, std::string id) {
  if (uploads_ == nullptr) uploads_ = std::make_unique<std::vector<std::shared_ptr<upload>>>();
  uploads_->push_back(fresh);
  connection_->open_upload(std::move(fresh), std::move(id));
}

void running_invocation::give_slot_back() {
  if (!takes_slot_) return;
  connection_->expect_few_without_slot();
  takes_slot_ = false;
  connection_->slot_freed();
}

void running_invocation::complete_null() {
  if (invocation_id_.empty()) return;
  connection_->send_message(
      [this](const hub_protocol& protocol, wire_buffer& out) { protocol.write_null_completion(out, invocation_id_); });
}

void running_invocation::complete(write_values result) {
  if (invocation_id_.empty()) return;
  connection_->send_message([this, result](const hub_protocol& protocol, wire_buffer& out) {
    protocol.write_completion(out, invocation_id_, result);
  });
}

void running_invocation::fail(std::exception_ptr error) {
  const std::string_view trace = trace_id_ == nullptr ? std::string_view() : *trace_id_;
  failed_ = streaming_ ? connection_->send_stream_failure(invocation_id_, name, error, trace)
                       : connection_->send_failure(invocation_id_, name, error, trace);
}

sent running_invocation::send_item(write_values item) {
  connection_->send_message([this, item](const hub_protocol& protocol, wire_buffer& out) {
    protocol.write_stream_item(out, invocation_id_, item);
  });
  return sent(connection_ref(&connection_->link()));
}

void running_invocation::complete_void() {
  if (invocation_id_.empty()) return;
  connection_->send_message(
      [this](const hub_protocol& protocol, wire_buffer& out) { protocol.write_void_completion(out, invocation_id_); });
}

bool invocation::bind(void* arguments, std::span<const argument_reader> readers) {
  std::size_t provided = 0;
  bool fits = true;
  bool is_array = true;
  const auto read = [&](value_reader& reader) {
    if (!reader.enter_array()) {
      fits = is_array = false;
      return;
    }
    while (reader.next_element()) {
      // Counted to the end even when one does not fit: the text for a wrong count comes first.
      const bool reads = fits && provided < readers.size();
      if (reads && !readers[provided](reader, arguments)) fits = false;
      if (!reads && !reader.skip()) break;
      ++provided;
      if (reads && !fits) break;
    }
    if (!reader.ok()) fits = false;
  };
  connection_.protocol().with_reader(message_.value, read);
  if (!fits && provided <= readers.size()) {
    // A value that did not fit may have left the reader in its middle: count again from the start.
    provided = 0;
    const auto count = [&](value_reader& reader) {
      if (!reader.enter_array()) return;
      do {
        if (!reader.next_element()) return;
        ++provided;  // also one that is cut short: it was announced
      } while (reader.skip());
    };
    connection_.protocol().with_reader(message_.value, count);
  }
  if (fits && provided == readers.size()) return true;
  ended(true);
  if (!message_.has_invocation_id) {
    connection_.home_log("an invocation of '" + std::string(method_.name) + "' without id could not be bound",
                         method_.name);
    return false;
  }
  std::string text = could_not_invoke(method_.name);
  if (connection_.place().definition().settings.detailed_errors) {
    if (!is_array) {  // MessagePack only: in JSON this breaks the protocol
      text += " InvalidDataException: Reading array length for 'arguments' failed.";
    } else if (provided != readers.size()) {
      text += " InvalidDataException: Invocation provides " + std::to_string(provided) +
              " argument(s) but target expects " + std::to_string(readers.size()) + ".";
    } else {
      text +=
          " InvalidDataException: Error binding arguments. Make sure that the types of the provided values match the "
          "types of the hub "
          "method being invoked.";
    }
  }
  connection_.send_error(message_.invocation_id, text);
  return false;
}

bool invocation::admit() {
  const method_shape& shape = method_.shape;
  // Streams run beside ordinary invocations (hub-protocol.md 6.3).
  if (!shape.streams && shape.uploads == 0 && connection_.hold_when_full()) {
    state_ = state::held_back;
    return false;
  }
  const method_requirement& requires_of_caller = method_.requires_of_caller;
  std::string text;
  if (requires_of_caller.authenticated || requires_of_caller.policy != nullptr) {
    const principal* who = connection_.link().user();
    const bool known = !requires_of_caller.authenticated ||
                       (who != nullptr && (requires_of_caller.roles.empty() ||
                                           std::any_of(requires_of_caller.roles.begin(), requires_of_caller.roles.end(),
                                                       [who](std::string_view role) { return who->in_role(role); })));
    const bool allowed = known && (requires_of_caller.policy == nullptr || requires_of_caller.policy(who));
    if (!allowed) text = "Failed to invoke '" + std::string(method_.name) + "' because user is unauthorized";
  }
  if (text.empty() && shape.streams && message_.type == message_type::invocation) {
    text = "The client attempted to invoke the streaming '" + std::string(method_.name) +
           "' method with a non-streaming invocation.";
  }
  if (text.empty() && message_.type == message_type::stream_invocation && !shape.streams) {
    text = "The client attempted to invoke the non-streaming '" + std::string(method_.name) +
           "' method with a streaming invocation.";
  }
  if (text.empty() && message_.stream_ids.size() != shape.uploads) {
    text = "An unexpected error occurred invoking '" + std::string(method_.name) +
           "' on the server. HubException: Client sent " + std::to_string(message_.stream_ids.size()) +
           " stream(s), Hub method expects " + std::to_string(shape.uploads) + ".";
  }
  if (text.empty() && (shape.streams || shape.uploads != 0)) text = connection_.stream_refusal(message_);
  if (text.empty()) return true;
  ended(true);
  if (message_.has_invocation_id) connection_.send_error(message_.invocation_id, text);
  return false;
}

void invocation::complete_null() {
  if (!message_.has_invocation_id) return;
  connection_.send_message([this](const hub_protocol& protocol, wire_buffer& out) {
    protocol.write_null_completion(out, message_.invocation_id);
  });
}

void invocation::complete(write_values result) {
  if (!message_.has_invocation_id) return;
  connection_.send_message([this, result](const hub_protocol& protocol, wire_buffer& out) {
    protocol.write_completion(out, message_.invocation_id, result);
  });
}

std::unique_ptr<running_invocation> invocation::run() {
  const std::string_view id = message_.has_invocation_id ? message_.invocation_id : std::string_view();
  const bool takes_slot = !method_.shape.streams && method_.shape.uploads == 0;
  auto record = std::make_unique<running_invocation>(connection_, &method_, id, takes_slot);
  record->begun_ = connection_.place().counters().clock().now();
  record->received_ = this;
  if (std::string trace = trace_id(); !trace.empty())
    record->trace_id_ = std::make_unique<std::string>(std::move(trace));
  record_ = record.get();
  state_ = state::running;
  return record;
}

std::string invocation::trace_id() const {
  if (message_.headers.empty()) return {};
  const auto trace = headers().trace();
  return trace ? trace->trace_id : std::string();
}

message_headers invocation::headers() const { return read_headers(connection_.protocol(), message_.headers); }

cancellation invocation::connection_aborted() const { return connection_.aborted(); }

}  // namespace hubbub::inline v0
