// Streams of a connection: ids in use, items that come, and how streams end.
#include <algorithm>

#include "hub_connection_sending.hpp"
#include "hub_shard.hpp"
#include "hubbub/hub/hub_error.hpp"
#include "hubbub/hub/stream.hpp"

namespace hubbub::inline v0 {

void running_invocation::complete_without_stream() {
  failed_ = true;
  if (invocation_id_.empty()) return;
  connection_->send_error(invocation_id_, "The value returned by the streaming method '" + std::string(name) +
                                              "' is not a ChannelReader<> or IAsyncEnumerable<>.");
}

upload* hub_connection::find_upload(std::string_view id) const noexcept {
  if (rare_ == nullptr) return nullptr;
  for (const auto& one : rare_->uploads) {
    if (one->id() == id) return one.get();
  }
  return nullptr;
}

std::string hub_connection::stream_refusal(const hub_message& message) const {
  std::size_t open = message.stream_ids.size() + (rare_ == nullptr ? 0 : rare_->uploads.size());
  const auto in_use = [](std::string_view id) { return "Invocation ID '" + std::string(id) + "' is already in use."; };
  for (const running_invocation* one = running_; one != nullptr; one = one->next_) {
    if (one->method_ == nullptr || !one->method_->shape.streams) continue;
    ++open;
    if (message.type == message_type::stream_invocation && one->invocation_id_ == message.invocation_id) {
      return in_use(message.invocation_id);
    }
  }
  for (std::size_t i = 0; i < message.stream_ids.size(); ++i) {
    const std::string& id = message.stream_ids[i];
    const auto before = message.stream_ids.begin() + static_cast<std::ptrdiff_t>(i);
    if (find_upload(id) != nullptr || std::find(message.stream_ids.begin(), before, id) != before) return in_use(id);
  }
  const std::size_t most = place_.definition().settings.max_streams;
  if (open < most || (open == most && message.type != message_type::stream_invocation)) return {};
  return "Failed to invoke '" + std::string(message.target) +
         "' due to an error on the server. HubException: Too many streams are open (max_streams).";
}

void hub_connection::open_upload(std::shared_ptr<upload> fresh, std::string id) {
  fresh->open(*this, std::move(id), place_.definition().settings.stream_capacity);
  rare().uploads.push_back(std::move(fresh));
}

void hub_connection::close_uploads(const std::vector<std::shared_ptr<upload>>& of_one_call) {
  for (const auto& one : of_one_call) {
    one->abandon();
    std::erase(rare_->uploads, one);
    upload_shrank(one->spilled_bytes());
  }
}

void hub_connection::upload_grew(std::size_t size) {
  rare().upload_bytes += size;
  if (rare().upload_bytes <= place_.definition().settings.upload_limit) return;
  uploads_full_ = true;
  held_ = true;
}

void hub_connection::upload_shrank(std::size_t size) {
  rare_->upload_bytes -= size;
  if (!uploads_full_ || rare_->upload_bytes > place_.definition().settings.upload_limit / 2) return;
  uploads_full_ = false;
  go_on();
}

// What belongs to unknown ids is ignored (hub-protocol.md 13).
void hub_connection::take_stream_item(const hub_message& message) {
  if (upload* into = find_upload(message.invocation_id)) into->receive(message.value);
}

void hub_connection::take_completion(const hub_message& message) {
  if (upload* into = find_upload(message.invocation_id)) {
    return into->complete(message.has_error ? std::optional(std::string(message.error)) : std::nullopt);
  }
  take_client_result(message);
}

void hub_connection::slot_freed() {
  --slots_taken_;
  go_on();
}

bool hub_connection::send_stream_failure(std::string_view invocation_id, std::string_view method,
                                         const std::exception_ptr& error, std::string_view trace_id) {
  const bool cancelled = log_failure(method, error, trace_id);
  if (invocation_id.empty() || state_ >= state::closing) return !cancelled;
  if (cancelled) {
    send_message(
        [&](const hub_protocol& protocol, wire_buffer& out) { protocol.write_void_completion(out, invocation_id); });
    return false;
  }
  send_error(invocation_id, "An error occurred on the server while streaming results." + detail_of(error));
  return true;
}

}  // namespace hubbub::inline v0
