// The hub's end of a connection: its life from handshake to the last running method.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connection_store.hpp"
#include "hub_counters.hpp"
#include "hubbub/connection/connection.hpp"
#include "hubbub/core/cancellation.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/hub/hub_base.hpp"
#include "hubbub/hub/hub_type.hpp"
#include "hubbub/hub/invocation.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "name_hash.hpp"
#include "protocols.hpp"
#include "received_numbers.hpp"

namespace hubbub::inline v0 {

class hub_shard;

/// A coroutine that waits until a connection's outbox has drained, or for its own cancellation. Resumes once. One
/// shard.
struct drain_wait final : cancellation_listener {
  drain_wait(std::coroutine_handle<> handle, const task_context& of) noexcept : waiting(handle), context(&of) {}
  /// Resumes the coroutine later in the turn, unless that has happened.
  void end() {
    if (!waiting) return;
    unlink();
    context->home->resume_later(std::exchange(waiting, nullptr), context->name);
  }
  void on_cancelled() override {
    cancelled = true;
    end();
  }
  /// The coroutine is no more.
  void abandon() noexcept {
    unlink();
    waiting = nullptr;
  }
  std::coroutine_handle<> waiting;
  const task_context* context;
  bool cancelled = false;
};

/// One connection of one hub. Lives on its home shard; destroys itself when the hub ended and nothing of it runs any
/// more.
class hub_connection final : public connection_receiver {
 public:
  hub_connection(hub_shard& place, connection& link);
  hub_connection(const hub_connection&) = delete;
  hub_connection& operator=(const hub_connection&) = delete;

  // connection_receiver
  void on_bytes(bytes_view received) override;
  void on_closed(close_reason why) override;
  void on_removed() override;
  void on_outbox_full() override;
  void on_drained() override;
  void on_resumed() override;

  /// Ends the connection from this side: Close message, then the hub's end. `error` empty: none.
  void close(close_reason why, std::string_view error, bool allow_reconnect);
  /// Looks after keep-alive and timeouts; once a second.
  void sweep(time_point now);
  /// Cancels the waits of everything that runs.
  void cancel_running();

  // What hub_base and invocations need
  [[nodiscard]] connection& link() const noexcept { return *link_; }
  [[nodiscard]] hub_shard& place() const noexcept { return place_; }
  [[nodiscard]] const std::string& user_id() const noexcept;
  [[nodiscard]] const hub_protocol& protocol() const noexcept { return protocol_of(link_->format()); }
  [[nodiscard]] const request& started_by();
  [[nodiscard]] connection_items& items();
  [[nodiscard]] cancellation aborted();
  void spawn(task<void> work);
  void wait_for_drain(std::shared_ptr<drain_wait> waiting);
  /// Sends one small message of this connection alone.
  template <class Write>
  void send_message(Write&& write, bool boundary = false);
  /// Sends a frame and adopts one reference of it.
  void send_frame(frame* adopted);
  /// Sends the error completion for an exception; logs what the client must not see.
  /// True when it was an error, and not a cancellation that nobody hears of.
  bool send_failure(std::string_view invocation_id, std::string_view method, const std::exception_ptr& error,
                    std::string_view trace_id = {});
  void send_error(std::string_view invocation_id, std::string_view text);
  /// True when no invocation slot is free: the message being read is then kept back, and read again later.
  [[nodiscard]] bool hold_when_full();
  /// Writes what application code threw to the log, unless it was meant for the client; true when it was a
  /// cancellation.
  bool log_failure(std::string_view method, const std::exception_ptr& error, std::string_view trace_id = {});
  /// The same for an exception out of a running stream; a cancelled one ends without error.
  bool send_stream_failure(std::string_view invocation_id, std::string_view method, const std::exception_ptr& error,
                           std::string_view trace_id = {});
  /// Why a call with streams cannot start: an id in use, or too many of them. Empty: it can.
  [[nodiscard]] std::string stream_refusal(const hub_message& message) const;
  /// Uploads of a method that has begun, and those of one that has ended.
  void open_upload(std::shared_ptr<upload> fresh, std::string id);
  void close_uploads(const std::vector<std::shared_ptr<upload>>& of_one_call);
  /// Bytes of items that wait in their encoded form; beyond the option `upload_limit` nothing more is read.
  void upload_grew(std::size_t size);
  void upload_shrank(std::size_t size);
  // Client results (hub-protocol.md 6.4)
  /// Sends a call that wants an answer; adopts one reference of the frame.
  void ask(std::shared_ptr<detail::client_answer> answer, frame* adopted);
  /// The answer is not wanted any more.
  void forget_client_result(const detail::client_answer& answer);
  /// An invocation slot is free again.
  void slot_freed();
  /// Throws client_result_error when so many methods go on without their slot that one more may not.
  void expect_few_without_slot() const;
  /// A line for the log with this connection's id; `method` and `trace_id` where a call is concerned.
  void log(log_level level, std::string_view text, std::string_view method = {}, std::string_view trace_id = {}) const;
  /// The same at level debug: what a client did wrong.
  void home_log(std::string_view text, std::string_view method = {}) const;

  /// Where the connection store keeps it.
  struct memberships {
    membership user;
    std::vector<membership> groups;
    std::unique_ptr<group_places> places;  ///< of `groups`; only where there are many
  };
  struct registration {
    std::unique_ptr<memberships> sets;  ///< made when there is a user or the first group
    static constexpr std::uint32_t nowhere = 0xffffffff;
    std::uint32_t place = nowhere;
    std::uint32_t place_in_shard = 0;  ///< in the list of its hub_shard
    [[nodiscard]] bool registered() const noexcept { return place != nowhere; }
  };
  registration stored;
  /// Names of the methods that run, for the log.
  [[nodiscard]] std::string running_names() const;

 private:
  friend class running_invocation;
  friend class hub_base;
  enum class state : std::uint8_t { handshake, opening, open, closing, closed };
  struct unread_bytes {
    std::string bytes;
    std::size_t at = 0;              ///< read up to here
    std::size_t scanned = 0;         ///< the unfinished message was searched up to here
    std::size_t peeked = 0;          ///< `look_for_acks` has looked up to here
    std::size_t peeked_scanned = 0;  ///< and has searched the unfinished message there up to here
  };
  struct rarely_used {
    connection_items items;
    std::unique_ptr<request> unpacked;  ///< for applications that ask after on_connected
    std::vector<std::shared_ptr<drain_wait>> waiting_for_drain;
    std::string former_user;  ///< for methods that outlive the connection
    close_reason ended_because;
    cancellation aborted;
    std::vector<std::shared_ptr<upload>> uploads;  ///< open, of all running methods
    /// Calls to this client without an answer yet, by their id; the keys are views of the values' own.
    std::unordered_map<std::string_view, std::shared_ptr<detail::client_answer>, name_hash, std::equal_to<>> asked;
    std::size_t upload_bytes = 0;                ///< of items that wait in their encoded form
    std::unique_ptr<received_numbers> received;  ///< under stateful reconnect
  };

  // Reading
  [[nodiscard]] std::size_t read(bytes_view received, std::size_t& scanned);
  [[nodiscard]] std::size_t read_handshake(bytes_view received, std::size_t& scanned);
  [[nodiscard]] bool read_message(bytes_view encoded);  // false: held back, not taken
  void keep(bytes_view received);
  void read_kept();
  void go_on();
  // Handling
  void queue(bytes_view message, bool boundary);
  void shake_hands(bytes_view request);
  void refuse_handshake(std::string_view error, std::string text);
  void open();
  void opened(const std::exception_ptr& error);
  void invoke(const hub_message& message);
  void call(const hub_method& method, const hub_message& message);
  void cancel_invocation(std::string_view invocation_id);
  void take_stream_item(const hub_message& message);
  void take_completion(const hub_message& message);
  void take_client_result(const hub_message& message);
  void read_client_result(detail::client_answer& answer, const hub_message& message);
  void fail_client_results();
  [[nodiscard]] upload* find_upload(std::string_view id) const noexcept;
  void fail_protocol(close_cause cause, std::string text, std::string_view type);
  [[nodiscard]] std::string detail_of(const std::exception_ptr& error) const;
  // Stateful reconnect
  void begin_stateful();
  template <class Write>
  bool send_ahead(Write&& write);
  bool send_frame_ahead(frame* adopted);
  [[nodiscard]] bool takes_numbered(const hub_message& message, std::size_t size);
  void take_sequence(std::int64_t number);
  void acknowledge();
  void look_for_acks();
  void look_after_acks();
  // Ending
  void begin_end(close_reason why);
  void run_disconnected();
  void finish(bool hook_failed);
  void destroy_when_idle();
  void started(running_invocation& record);
  void finished(running_invocation& record);
  [[nodiscard]] rarely_used& rare();
  [[nodiscard]] shard& home() const noexcept { return link_->home(); }
  [[nodiscard]] std::uint32_t stamp() const noexcept;

  static driver run_connected(task_context&, std::unique_ptr<running_invocation> record, task<void> hook);
  static driver run_disconnected_hook(task_context&, std::unique_ptr<running_invocation> record, task<void> hook);
  static driver run_spawned(task_context&, std::unique_ptr<running_invocation> record, task<void> work);

  hub_shard& place_;
  connection_ref link_;
  std::unique_ptr<unread_bytes> unread_;
  std::unique_ptr<rarely_used> rare_;
  std::unique_ptr<hub_base> hub_;  // dies before what its destructor may still use
  running_invocation* running_ = nullptr;
  std::uint32_t last_heard_;  ///< milliseconds, wrapping
  std::uint32_t last_ping_;
  std::uint16_t slots_taken_ = 0;
  state state_ = state::handshake;
  traffic_row row_;                ///< of the tables of counters
  bool held_ : 1 = false;          ///< the next message waits for a slot or for on_connected
  bool reading_ : 1 = false;       ///< inside `read`
  bool input_paused_ : 1 = false;  ///< the link was asked to stop reading
  bool pings_ : 1 = false;         ///< the client has sent a Ping: its silence counts
  bool opening_hook_runs_ : 1 = false;
  bool connected_ran_ : 1 = false;  ///< on_connected completed: on_disconnected is owed
  bool destroying_ : 1 = false;
  bool going_on_ : 1 = false;      ///< reading on is under way
  bool needs_slot_ : 1 = false;    ///< the next message is an invocation without a slot
  bool uploads_full_ : 1 = false;  ///< nothing is read until methods have taken items of their streams
  bool stateful_ : 1 = false;      ///< messages are numbered both ways: rare_->received is there
};

}  // namespace hubbub::inline v0
