// Uploads: what a client streams to a method, bounded.
#include <stdexcept>

#include "hub_connection.hpp"
#include "hub_shard.hpp"
#include "hubbub/hub/hub_error.hpp"
#include "hubbub/hub/stream.hpp"

namespace hubbub::inline v0 {

namespace {

// Larger items count from the first one that waits: a client may have a thousand streams open, and what each method
// has not read yet must not be as large as the client likes.
constexpr std::size_t small_item = 4096;

}  // namespace

void upload::open(hub_connection& of, std::string id, std::size_t capacity) {
  of_ = &of;
  id_ = std::move(id);
  capacity_ = capacity;
}

// ------------------------------------------------------------------------------------------ the connection's side

void upload::receive(bytes_view encoded) {
  if (ended_ || of_ == nullptr) return;
  const bool wanted = encoded.size() <= small_item || waiting_;
  if (wanted && spill_.empty() && waiting_items() < capacity_) {
    decode(encoded);
  } else {
    spill_.emplace_back(encoded);
    spilled_bytes_ += encoded.size();
    of_->upload_grew(encoded.size());
  }
  wake();
}

void upload::decode(bytes_view encoded) {
  bool fits = false;
  of_->protocol().with_reader(encoded, [&](value_reader& reader) { fits = keep(reader) && reader.ok(); });
  if (fits) return;
  // The stream ends for the method; what still comes is dropped and nobody is told (hub-protocol.md 6.3).
  ended_ = true;
  error_ = "Failed to bind Stream message.";
}

void upload::complete(std::optional<std::string> error) {
  if (ended_) return;
  ended_ = true;
  error_ = std::move(error);
  wake();
}

// ---------------------------------------------------------------------------------------------- the method's side

void upload::taken() {
  if (spill_.empty() || of_ == nullptr) return;
  if (spill_.front().size() > small_item && !waiting_) return;  // when somebody waits for it
  const std::string encoded = std::move(spill_.front());
  spill_.pop_front();
  spilled_bytes_ -= encoded.size();
  const bool was_ended = ended_;
  decode(encoded);
  if (ended_ && !was_ended) {
    const std::size_t rest = std::exchange(spilled_bytes_, 0);
    spill_.clear();
    of_->upload_shrank(rest);
  }
  of_->upload_shrank(encoded.size());
}

bool upload::wait(std::coroutine_handle<> waiting, const task_context& context) {
  if (waiting_) throw std::logic_error("hubbub: a stream_reader is read by two coroutines at a time");
  cancelled_ = context.cancel != nullptr && context.cancel->requested();
  if (cancelled_) return false;
  waiting_ = waiting;
  taken();  // of what waits in its encoded form
  if (waiting_items() != 0 || ended_) {
    waiting_ = nullptr;
    return false;
  }
  context_ = &context;
  if (context.cancel != nullptr) context.cancel->add(canceller_);
  return true;
}

void upload::stop_waiting() noexcept {
  canceller_.unlink();
  waiting_ = nullptr;
}

void upload::canceller::on_cancelled() {
  upload_of.cancelled_ = true;
  upload_of.wake();
}

void upload::wake() {
  if (!waiting_) return;
  canceller_.unlink();
  come_home(*context_, std::exchange(waiting_, nullptr));
}

void upload::check_cancelled() const {
  if (cancelled_) throw operation_cancelled();
}

void upload::check_end() const {
  if (error_) throw hub_error(*error_);
}

}  // namespace hubbub::inline v0
