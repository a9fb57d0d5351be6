// Counting on the client's side.
#include "client_replay.hpp"

namespace hubbub::inline v0::testing::detail {

void client_replay::begin_again(wire_buffer& out) {
  protocol_.write_sequence(out, first_);
  for (const std::string& one : unacknowledged_) out.put(one);
}

bool client_replay::lets_in(const hub_message& message, time_point now) {
  if (message.type == message_type::sequence) {
    awaits_sequence_ = false;
    if (message.sequence_id > next_) {
      problem_ = "the hub goes on with message " + std::to_string(message.sequence_id) + ", but " +
                 std::to_string(next_) + " comes next";
    }
    next_ = message.sequence_id;
    return false;
  }
  if (awaits_sequence_) return false;
  if (message.type == message_type::ack) {
    for (; first_ <= message.sequence_id && !unacknowledged_.empty(); ++first_) unacknowledged_.pop_front();
    return false;
  }
  if (message.type < message_type::invocation || message.type > message_type::cancel_invocation) return true;
  const std::int64_t number = next_++;
  if (number >= latest_ && !ack_at_) ack_at_ = now + std::chrono::seconds(1);
  if (number <= latest_) return false;
  latest_ = number;
  return true;
}

void client_replay::write_ack(wire_buffer& out) {
  ack_at_.reset();
  protocol_.write_ack(out, latest_);
}

}  // namespace hubbub::inline v0::testing::detail
