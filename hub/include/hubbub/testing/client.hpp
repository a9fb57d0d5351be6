// A typed client: calls, expectations, streams, and functions that hubs call.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "hubbub/connection/close_reason.hpp"
#include "hubbub/protocol/value_codec.hpp"
#include "hubbub/testing/client_core.hpp"
#include "hubbub/testing/failure.hpp"

namespace hubbub::inline v0::testing {

namespace detail {

template <class T>
T read_one(const client_core& by, bytes_view encoded, const std::string& what) {
  T value{};
  bool fits = false;
  by.read(encoded, [&](value_reader& reader) { fits = read_value(reader, value) && reader.ok(); });
  if (!fits) by.fail(what + " gave " + by.text_of(encoded) + ", which is no " + readable_type_name(typeid(T).name()));
  return value;
}

// Reads all arguments; the number of the first one that does not fit, 0 when all do.
template <class Tuple>
std::size_t read_arguments(value_reader& reader, Tuple& values) {
  std::size_t place = 0;
  bool fits = reader.enter_array();
  std::apply(
      [&](auto&... value) { ((fits = fits && (++place, reader.next_element()) && read_value(reader, value)), ...); },
      values);
  if (!fits) return std::max<std::size_t>(place, 1);
  return reader.next_element() || !reader.ok() ? place + 1 : 0;
}

template <class... T>
std::tuple<T...> arguments_of(const client_core& by, const event& one, const called_at& at) {
  std::tuple<T...> values{};
  if (const std::size_t count = by.count_of(one.arguments); count != sizeof...(T)) {
    by.fail(at, "expected " + one.target + " with " + std::to_string(sizeof...(T)) + " arguments, but " +
                    by.text_of(one) + " came");
  }
  std::size_t misfit = 0;
  by.read(one.arguments, [&](value_reader& reader) { misfit = read_arguments(reader, values); });
  if (misfit != 0) {
    const std::vector<std::string> types{readable_type_name(typeid(T).name())...};
    by.fail(at, "expected argument " + std::to_string(misfit) + " of " + one.target + " to be a " +
                    types[std::min(misfit, types.size()) - 1] + ", but " + by.text_of(one) + " came");
  }
  return values;
}

// What a callable takes and gives.
template <class Signature>
struct called;
template <class Result, class... Parameters>
struct called<std::function<Result(Parameters...)>> {
  using result = Result;
  using arguments = std::tuple<std::decay_t<Parameters>...>;
};

struct open_upload {
  std::shared_ptr<client_core> from;
  std::string id;
  bool passed = false;
  bool over = false;
};

}  // namespace detail

/// A call that has been sent. `get` may be called once it has completed. A handle; the test's thread.
template <class T>
class [[nodiscard]] pending_call {
 public:
  pending_call(std::shared_ptr<detail::client_core> of, std::shared_ptr<detail::reply> what)
      : of_(std::move(of)), what_(std::move(what)) {}

  /// True when the hub has answered, with a result or an error.
  [[nodiscard]] bool completed() const {
    of_->settle();
    return what_->completed;
  }
  /// The result. Throws invocation_error with the hub's error, connection_error when the connection ended before, and
  /// test_failure when there is no answer yet or it is no T. With `void` any result will do.
  T get() const {
    of_->check_completed(*what_);
    if constexpr (!std::is_void_v<T>) {
      if (!what_->result) of_->fail(what_->method + " completed without a result");
      return detail::read_one<T>(*of_, *what_->result, what_->method);
    }
  }
  /// Asks the hub to cancel it.
  void cancel() const { of_->cancel(what_->id); }

 private:
  std::shared_ptr<detail::client_core> of_;
  std::shared_ptr<detail::reply> what_;
};

/// A stream that a hub method gives. A handle; the test's thread.
template <class T>
class [[nodiscard]] incoming_stream {
 public:
  incoming_stream(std::shared_ptr<detail::client_core> of, std::shared_ptr<detail::reply> what)
      : of_(std::move(of)), what_(std::move(what)) {}

  /// The next item, or nothing at the end. Throws invocation_error with the stream's error, connection_error when the
  /// connection ended before, and test_failure when nothing has come yet.
  std::optional<T> next() {
    of_->settle();
    if (what_->items.empty()) {
      of_->check_completed(*what_);
      return std::nullopt;
    }
    const std::string encoded = std::move(what_->items.front());
    what_->items.pop_front();
    return detail::read_one<T>(*of_, encoded, what_->method);
  }
  /// The items that have come and were not taken yet, without waiting for the end.
  std::vector<T> available() {
    of_->settle();
    std::vector<T> items;
    while (!what_->items.empty()) items.push_back(*next());
    return items;
  }
  /// All items up to the end; see `next`.
  std::vector<T> all() {
    std::vector<T> items;
    while (auto item = next()) items.push_back(std::move(*item));
    return items;
  }
  /// True when its end, or its error, has come.
  [[nodiscard]] bool completed() const {
    of_->settle();
    return what_->completed;
  }
  /// Asks the hub to stop it.
  void cancel() { of_->cancel(what_->id); }

 private:
  std::shared_ptr<detail::client_core> of_;
  std::shared_ptr<detail::reply> what_;
};

/// A stream to a hub method: pass it to one call as an argument, then write. A handle; the test's thread.
template <class T>
class outgoing_stream {
 public:
  explicit outgoing_stream(std::shared_ptr<detail::open_upload> upload) : upload_(std::move(upload)) {}

  /// Sends an item. Throws test_failure before the stream was passed to a call and after its end.
  void write(const T& item) {
    check();
    upload_->from->send_item(upload_->id, [&](value_writer& writer) { write_value(writer, item); });
  }
  /// Ends the stream.
  void complete() { finish({}); }
  /// Ends the stream with an error.
  void fail(std::string_view text) { finish(text); }

  /// For the client only: the stream now belongs to a call.
  [[nodiscard]] const std::string& pass() const {
    if (std::exchange(upload_->passed, true)) upload_->from->fail("a stream was passed to two calls");
    return upload_->id;
  }

 private:
  void check() const {
    if (!upload_->passed) upload_->from->fail("a stream was written before it was passed to a call");
    if (upload_->over) upload_->from->fail("a stream was written after its end");
  }
  void finish(std::optional<std::string_view> error) {
    check();
    upload_->over = true;
    upload_->from->complete_stream(upload_->id, error);
  }
  std::shared_ptr<detail::open_upload> upload_;
};

namespace detail {

template <class T>
inline constexpr bool is_outgoing = false;
template <class T>
inline constexpr bool is_outgoing<outgoing_stream<T>> = true;

// Splits what is passed to a call into arguments and streams, and hands both on.
template <class Use, class... Arguments>
auto with_arguments(Use&& use, const Arguments&... arguments) {
  static_assert(((is_outgoing<Arguments> || writable_value<Arguments>)&&...),
                "hubbub: an argument of this call cannot be written; describe its type with HUBBUB_FIELDS or include "
                "<hubbub/json.hpp> and give it nlohmann's to_json");
  std::vector<std::string> streams;
  [[maybe_unused]] const auto note = [&]<class T>(const T& argument) {
    if constexpr (is_outgoing<T>) streams.push_back(argument.pass());
  };
  (note(arguments), ...);
  const auto write = [&](value_writer& writer) {
    const auto write_one = [&]<class T>(const T& argument) {
      if constexpr (!is_outgoing<T>) value_codec<std::decay_t<const T&>>::write(writer, argument);
    };
    (write_one(arguments), ...);
    std::ignore = write_one;
  };
  return use(sizeof...(Arguments) - streams.size(), write_values(write), streams);
}

}  // namespace detail

/// A client of a hub, as an application's client sees it. Whatever is done through it has run its course when the
/// function returns: methods have run as far as they can, other clients have what was sent to them. Events wait, in
/// order, until they are expected. Names match without regard to case, as with Microsoft's clients. A handle: copies
/// are the same client, which stays connected until `disconnect` or the host's end. The test's thread.
class client {
 public:
  /// For the host only.
  explicit client(std::shared_ptr<detail::client_core> core) noexcept : core_(std::move(core)) {}

  // Calling
  /// Calls a hub method and gives its result. Throws invocation_error with the hub's error; test_failure when the
  /// method has not completed, since it waits for time to pass or for somebody else: use `start` there.
  template <class T = void, class... Arguments>
  T invoke(std::string_view method, const Arguments&... arguments) {
    return start<T>(method, arguments...).get();
  }
  /// Calls a hub method; its result can be asked for later.
  template <class T = void, class... Arguments>
  pending_call<T> start(std::string_view method, const Arguments&... arguments) {
    return pending_call<T>(core_, detail::with_arguments(
                                      [&](std::size_t count, write_values write, const auto& streams) {
                                        return core_->call(false, method, count, write, streams);
                                      },
                                      arguments...));
  }
  /// Calls a hub method and wants no answer, not even an error.
  template <class... Arguments>
  void send(std::string_view method, const Arguments&... arguments) {
    detail::with_arguments(
        [&](std::size_t count, write_values write, const auto& streams) { core_->send(method, count, write, streams); },
        arguments...);
  }
  /// Calls a hub method that gives a stream.
  template <class T, class... Arguments>
  incoming_stream<T> stream(std::string_view method, const Arguments&... arguments) {
    return incoming_stream<T>(core_, detail::with_arguments(
                                         [&](std::size_t count, write_values write, const auto& streams) {
                                           return core_->call(true, method, count, write, streams);
                                         },
                                         arguments...));
  }
  /// Headers of the messages by which this client calls, from now on: `{{"traceparent", "00-..."}}`; none: `{}`.
  void send_message_headers(std::vector<message_headers::header> headers) {
    core_->set_message_headers(std::move(headers));
  }
  /// A stream to pass to a call.
  template <class T>
  [[nodiscard]] outgoing_stream<T> upload() {
    return outgoing_stream<T>(
        std::make_shared<detail::open_upload>(detail::open_upload{.from = core_, .id = core_->new_id()}));
  }

  // Expecting
  /// The next event must be this one. Gives its argument, or a tuple of several; without types the arguments do not
  /// matter. Throws test_failure that tells what came instead.
  template <class... T>
  auto expect(std::string_view event, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return arguments<T...>(core_->next_event(event, {file, line}), {file, line});
  }
  /// The same for the first unread event of that name, wherever it stands; those before it stay unread.
  template <class... T>
  auto take(std::string_view event, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return arguments<T...>(core_->take_event(event, {file, line}), {file, line});
  }
  /// No event is unread. Throws test_failure that tells which are.
  void expect_nothing(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    core_->expect_nothing({file, line});
  }
  /// The connection has ended; says how. Throws test_failure when it has not.
  farewell expect_closed(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return core_->expect_closed({file, line});
  }
  /// The unread events as text, for example `Said("ada", 5)`.
  [[nodiscard]] std::vector<std::string> events() const { return core_->event_texts(); }
  /// Unread events are forgotten.
  void forget_events() { core_->forget_events(); }

  // Being called
  /// The hub's calls of this name go to `handler` from now on, no longer to `expect`. Its parameters are read from the
  /// call. When the hub waits for a result it gets what the handler returns, or the text of what it throws. Exceptions
  /// of other calls leave through the function that let everything come to rest.
  template <class Handler>
  void on(std::string_view event, Handler handler) {
    using shape = detail::called<decltype(std::function(handler))>;
    core_->set_handler(event, [handler = std::move(handler), name = std::string(event)](
                                  value_reader& reader, function_ref<void(write_values)> answer) mutable {
      typename shape::arguments arguments{};
      if (detail::read_arguments(reader, arguments) != 0) {
        throw test_failure("Client failed to parse argument(s) of " + name + ".");
      }
      if constexpr (std::is_void_v<typename shape::result>) {
        std::apply(handler, std::move(arguments));
        std::ignore = answer;
      } else {
        const auto result = std::apply(handler, std::move(arguments));
        answer([&](value_writer& writer) { write_value(writer, result); });
      }
    });
  }
  /// Calls of this name are of no interest.
  void ignore(std::string_view event) {
    core_->set_handler(event, [](value_reader&, function_ref<void(write_values)>) {});
  }
  /// A hub that asks for a result by this name gets no answer; the question can be expected like an event.
  void never_answer(std::string_view event) { core_->leave_unanswered(event); }

  // The connection
  /// The connection ends, and `on_disconnected` has run as far as it goes.
  void disconnect(close_reason why = {close_cause::client_closed, {}}) { core_->leave(std::move(why)); }
  /// The same with a cause alone, for example `close_cause::client_left` for a line that breaks.
  void disconnect(close_cause why) { core_->leave({why, {}}); }
  /// The wire is cut without a goodbye. A client that asked for stateful reconnect may `resume`; the connection of any
  /// other has ended.
  void cut() { core_->line().cut(); }
  /// Comes back over a new wire, with the same id, sends again what the hub has not acknowledged, and takes what it has
  /// not had. Throws connection_error when the hub has given the connection up (`host_options::disconnect_timeout`).
  void resume() { core_->resume(); }
  /// False when it has ended, by whomever.
  [[nodiscard]] bool connected() const {
    core_->settle();
    return core_->connected();
  }
  /// The connection's id.
  [[nodiscard]] const std::string& id() const noexcept { return core_->id(); }
  /// Pings that came from the hub.
  [[nodiscard]] std::size_t pings() const noexcept { return core_->pings(); }
  /// The client's own pings from now on; 0: it falls silent, and is given up when it sent some before.
  void send_pings_every(std::chrono::milliseconds interval) { core_->pings_every(interval); }
  /// Its line, for tests of slow peers and of what is on the wire.
  [[nodiscard]] raw_client& line() { return core_->line(); }

 private:
  template <class... T>
  auto arguments(const detail::event& one, const detail::called_at& at) {
    if constexpr (sizeof...(T) == 1) {
      return std::get<0>(detail::arguments_of<T...>(*core_, one, at));
    } else if constexpr (sizeof...(T) > 1) {
      return detail::arguments_of<T...>(*core_, one, at);
    }
  }
  std::shared_ptr<detail::client_core> core_;
};

}  // namespace hubbub::inline v0::testing
