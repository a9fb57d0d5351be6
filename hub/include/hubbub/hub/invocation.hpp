// An invocation while it runs: what the code made from a hub's method table talks to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/core/task.hpp"
#include "hubbub/hub/clients.hpp"
#include "hubbub/hub/hub_type.hpp"
#include "hubbub/hub/message_headers.hpp"
#include "hubbub/hub/stream.hpp"
#include "hubbub/protocol/hub_message.hpp"
#include "hubbub/protocol/hub_protocol.hpp"

namespace hubbub::inline v0 {

class hub_connection;
class invocation;

namespace detail {
class bound_call;
}

/// Reads one argument into its place in a tuple.
using argument_reader = bool (*)(value_reader&, void* arguments);

/// A method that is suspended, or background work of a connection: context, id and what it keeps alive. Ends with
/// `complete...` or `fail`, then dies. Home shard.
class running_invocation final : public task_context {
 public:
  running_invocation(hub_connection& connection, const hub_method* method, std::string_view invocation_id,
                     bool takes_slot);
  running_invocation(const running_invocation&) = delete;
  running_invocation& operator=(const running_invocation&) = delete;
  ~running_invocation();

  /// Completion with a null result.
  void complete_null();
  /// Completion with the value that `result` writes.
  void complete(write_values result);
  /// Completion with the error that belongs to the exception, or nothing when the connection has ended. For a stream
  /// that was cancelled: completion without error.
  void fail(std::exception_ptr error);

  // Streams
  /// The method has returned its stream: from here on errors are those of the stream.
  void begin_stream() noexcept { streaming_ = true; }
  /// Sends an item; await the result to go no faster than the client (hub-protocol.md 6.2).
  sent send_item(write_values item);
  /// Completion without a result: how a stream ends.
  void complete_void();
  /// Completion with the error for a method that returned an empty `stream`.
  void complete_without_stream();

  [[nodiscard]] const std::string& invocation_id() const noexcept { return invocation_id_; }
  [[nodiscard]] bool takes_slot() const noexcept { return takes_slot_; }
  /// An upload of this call: open until the method ends.
  void open_upload(std::shared_ptr<upload> fresh, std::string id);
  /// Other calls of the client may start: this one waits for an answer that could stand behind them.
  void give_slot_back();

 private:
  friend class hub_connection;
  friend class invocation;
  hub_connection* connection_;
  const hub_method* method_;
  std::string invocation_id_;
  cancellation cancellation_;
  running_invocation* next_ = nullptr;
  running_invocation** previous_ = nullptr;
  std::unique_ptr<std::vector<std::shared_ptr<upload>>> uploads_;
  std::unique_ptr<std::string> trace_id_;  ///< of the call, for the log; null: none
  std::uint64_t begun_ = 0;                ///< ticks; of a call of a method
  invocation* received_ = nullptr;         ///< while the call that began this is still on the stack
  bool takes_slot_;
  bool streaming_ = false;
  bool failed_ = false;
};

/// A call as it was received, before and while its method runs synchronously. Lives on the stack of the dispatcher.
class invocation {
 public:
  invocation(hub_connection& connection, const hub_method& method, const hub_message& message) noexcept
      : connection_(connection), method_(method), message_(message) {}
  ~invocation() {
    if (record_ != nullptr) record_->received_ = nullptr;
  }
  invocation(const invocation&) = delete;
  invocation& operator=(const invocation&) = delete;

  /// Binds the arguments; false after the error was answered.
  [[nodiscard]] bool bind(void* arguments, std::span<const argument_reader> readers);
  /// Waits for a slot, checks authorization, kind and streams, in this order (hub-protocol.md 6.1); false after the
  /// error was answered, or when no slot is free: then the same message comes again.
  [[nodiscard]] bool admit();
  /// Completion with a null result.
  void complete_null();
  /// Completion with the value that `result` writes.
  void complete(write_values result);
  /// Number and ids of the streams that the client will send.
  [[nodiscard]] const std::vector<std::string>& stream_ids() const noexcept { return message_.stream_ids; }
  /// The record for a method that may suspend; takes an invocation slot until it dies, unless it streams.
  [[nodiscard]] std::unique_ptr<running_invocation> run();
  /// Headers of the message, read now.
  [[nodiscard]] message_headers headers() const;
  /// The trace that they tell; empty: none.
  [[nodiscard]] std::string trace_id() const;
  /// Runs the method through the filters of its endpoint.
  void filter(hub_base& hub, std::unique_ptr<running_invocation> record, std::unique_ptr<detail::bound_call> bound);
  /// Fires when the connection ends: for plain functions that take a cancellation.
  [[nodiscard]] cancellation connection_aborted() const;

  // For the counters
  /// The call is over, as far as this object knows: a record that `run` gave counts for itself unless it dies first.
  void ended(bool failed) noexcept { state_ = failed ? state::failed : state::completed; }
  [[nodiscard]] bool has_ended() const noexcept { return state_ <= state::failed; }
  [[nodiscard]] bool has_failed() const noexcept { return state_ == state::failed; }

 private:
  friend class running_invocation;
  enum class state : std::uint8_t { completed, failed, held_back, running };
  hub_connection& connection_;
  const hub_method& method_;
  const hub_message& message_;
  running_invocation* record_ = nullptr;
  state state_ = state::completed;
};

}  // namespace hubbub::inline v0
