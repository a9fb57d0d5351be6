// The part of a testing client that knows no types: messages out, messages in, and what is still unread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hubbub/core/clock.hpp"
#include "hubbub/core/function_ref.hpp"
#include "hubbub/hub/message_headers.hpp"
#include "hubbub/protocol/hub_message.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "hubbub/protocol/value_reader.hpp"
#include "hubbub/protocol/value_writer.hpp"
#include "hubbub/testing/raw_client.hpp"

namespace hubbub::inline v0::testing {

/// How a hub said goodbye to a client.
struct farewell {
  std::string error;             ///< of the Close message; empty: none
  bool allow_reconnect = false;  ///< of the Close message
  wire_end end = wire_end::none;
};

namespace detail {

class client_replay;

/// The place in a test that asked for something.
struct called_at {
  const char* file;
  int line;
};

/// A hub called a method of the client.
struct event {
  std::string target;
  std::string arguments;  ///< encoded
};

/// A call of the client, and what has come of it.
struct reply {
  std::string id;
  std::string method;
  std::deque<std::string> items;  ///< encoded
  std::optional<std::string> result;
  std::optional<std::string> error;
  bool completed = false;
};

/// Reads the arguments, calls the client's function, and hands over what writes its result, if it has one. Throws what
/// the function throws.
using event_handler = std::function<void(value_reader&, function_ref<void(write_values)>)>;

/// See above. The test's thread; lives as long as somebody holds it, but does nothing when its host is gone.
class client_core {
 public:
  client_core(node& on, raw_client& line, const hub_protocol& protocol, std::string name,
              std::chrono::milliseconds pings_every);
  client_core(const client_core&) = delete;
  client_core& operator=(const client_core&) = delete;
  ~client_core();

  // Saying
  void shake_hands();
  void send(std::string_view target, std::size_t count, write_values arguments,
            const std::vector<std::string>& streams);
  std::shared_ptr<reply> call(bool streams_back, std::string_view target, std::size_t count, write_values arguments,
                              const std::vector<std::string>& streams);
  void set_message_headers(std::vector<message_headers::header> headers) { headers_ = std::move(headers); }
  void cancel(const std::string& id);
  [[nodiscard]] std::string new_id() { return std::to_string(next_id_++); }
  void send_item(const std::string& id, write_values item);
  void complete_stream(const std::string& id, std::optional<std::string_view> error);
  void say(const std::function<void(wire_buffer&)>& write);
  void leave(close_reason why);
  void resume();

  // Seeing
  void settle();
  /// Throws invocation_error for its error, connection_error or test_failure when it has not completed.
  void check_completed(const reply& of);
  [[nodiscard]] event next_event(std::string_view wanted, const called_at& at);
  [[nodiscard]] event take_event(std::string_view wanted, const called_at& at);
  void expect_nothing(const called_at& at);
  [[nodiscard]] farewell expect_closed(const called_at& at);
  [[nodiscard]] std::size_t unread_events();
  [[nodiscard]] std::vector<std::string> event_texts();
  void forget_events();
  void set_handler(std::string_view event, event_handler handler);
  void leave_unanswered(std::string_view event);
  [[nodiscard]] bool connected() const noexcept { return !over_; }
  [[nodiscard]] raw_client& line();
  [[nodiscard]] std::size_t pings() const noexcept { return pings_; }
  void pings_every(std::chrono::milliseconds interval);
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // Values
  void read(bytes_view encoded, function_ref<void(value_reader&)> use) const { protocol_.with_reader(encoded, use); }
  [[nodiscard]] std::string text_of(bytes_view encoded) const;
  [[nodiscard]] std::string text_of(const event& one) const;
  [[nodiscard]] std::size_t count_of(bytes_view arguments) const;
  [[noreturn]] void fail(const called_at& at, const std::string& what) const;
  [[noreturn]] void fail(const std::string& what) const;

  // The host's side
  /// Reads what came and calls handlers; true when there was something.
  bool hand_out();
  /// When it next says something by itself, a Ping or an Ack; nothing: never.
  [[nodiscard]] std::optional<time_point> next_due() const noexcept;
  void act_if_due(time_point now);
  void host_is_gone() noexcept { node_ = nullptr; }

 private:
  void check_host() const;
  void check_connected() const;
  void say_aside(const std::function<void(wire_buffer&)>& write);
  [[nodiscard]] std::string how_it_ended() const;
  [[nodiscard]] std::string unread_text(std::size_t from) const;
  bool take_handshake();
  void take(const hub_message& message);
  void take_invocation(const hub_message& message);
  void answer(const std::string& id, const event_handler& handler, const event& asked);

  node* node_;
  raw_client* line_;
  const hub_protocol& protocol_;
  std::string id_;
  std::string name_;
  std::string received_;
  std::size_t read_ = 0;  // so much of it was looked at
  std::deque<event> events_;
  std::map<std::string, event_handler> handlers_;  // by name in lower case
  std::set<std::string> unanswered_;
  std::vector<message_headers::header> headers_;  // of calls
  std::map<std::string, std::shared_ptr<reply>> calls_;
  std::optional<farewell> close_;
  std::string refused_;
  std::chrono::milliseconds pings_every_;
  time_point last_ping_{};
  std::size_t pings_ = 0;
  std::unique_ptr<client_replay> replay_;  // under stateful reconnect
  int next_id_ = 1;
  bool shaken_ = false;
  bool over_ = false;
};

/// A type's name as a human writes it.
[[nodiscard]] std::string readable_type_name(const char* mangled);

}  // namespace detail
}  // namespace hubbub::inline v0::testing
