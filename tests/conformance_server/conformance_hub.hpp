// The hub of the conformance server: one method for each feature, through the public API only.
#pragma once

#include <hubbub/hub.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace conformance {

struct record {
  std::string name;
  std::int64_t count = 0;
  double ratio = 0;
  bool flag = false;
  std::optional<std::string> note;
  std::vector<int> items;
  std::map<std::string, std::string> labels;
};
HUBBUB_FIELDS(record, name, count, ratio, flag, note, items, labels)

/// What all hub objects of one kind share; used by all shards at once.
struct shared_state {
  std::string node;
  std::atomic<int> connected{0};
};

/// Three hubs with the same methods: each has its own clients and groups.
template <class Kind>
class conformance_hub : public hubbub::hub<conformance_hub<Kind>> {
 public:
  explicit conformance_hub(shared_state& state) : state_(state) {}

  void on_connected() { ++state_.connected; }
  void on_disconnected(const hubbub::close_reason&) { --state_.connected; }

  std::optional<std::string> echo(std::optional<std::string> text) { return text; }
  hubbub::bytes echo_bytes(hubbub::bytes data) { return data; }
  record echo_record(record given) { return given; }
  int add_numbers(int a, int b) { return static_cast<int>(static_cast<unsigned>(a) + static_cast<unsigned>(b)); }
  void nothing() {}
  hubbub::task<int> delay(int ms) {
    co_await hubbub::sleep(std::chrono::milliseconds(std::clamp(ms, 0, 30'000)));
    co_return ms;
  }
  void fail(std::string message) { throw hubbub::hub_error(message); }
  void crash() { throw std::runtime_error("secret-7f3a"); }

  void notify(std::string payload) { this->clients().caller().send("Receive", payload); }
  hubbub::task<int> burst(int n) {
    const auto caller = this->clients().caller();
    for (int i = 0; i < n; ++i) co_await caller.send("Receive", std::to_string(i));
    co_return n;
  }
  void broadcast(std::string payload) { this->clients().all().send("Receive", payload); }
  void send_others(std::string payload) { this->clients().others().send("Receive", payload); }
  hubbub::task<void> join(std::string group) { co_await this->groups().add(this->connection_id(), group); }
  hubbub::task<void> leave(std::string group) { co_await this->groups().remove(this->connection_id(), group); }
  void send_group(std::string group, std::string payload) { this->clients().group(group).send("Receive", payload); }
  void send_user(std::string user, std::string payload) { this->clients().user(user).send("Receive", payload); }
  void send_connection(std::string id, std::string payload) { this->clients().client(id).send("Receive", payload); }

  std::string connection_id_text() { return this->connection_id(); }
  std::optional<std::string> user_id_text() {
    if (this->user_id().empty()) return std::nullopt;
    return this->user_id();
  }
  std::string node_name() { return state_.node; }
  int connected_count() { return state_.connected; }
  std::string admin_only() { return "granted"; }
  void abort_connection() { this->abort(); }

  hubbub::task<int> ask_client(std::string id, int x, int timeout_ms) {
    auto call = this->clients().client(id).template invoke<int>("Answer", x);
    call.timeout(std::chrono::milliseconds(timeout_ms));
    const int answer = co_await call;
    co_return answer;
  }
  // Counts itself as cancelled when its end was the client's wish.
  class running_stream {
   public:
    running_stream(int& cancelled, hubbub::cancellation cancel, hubbub::cancellation aborted)
        : cancelled_(cancelled), cancel_(std::move(cancel)), aborted_(std::move(aborted)) {}
    running_stream(const running_stream&) = delete;
    running_stream& operator=(const running_stream&) = delete;
    ~running_stream() {
      if (cancel_.requested() && !aborted_.requested()) ++cancelled_;
    }

   private:
    int& cancelled_;
    hubbub::cancellation cancel_;
    hubbub::cancellation aborted_;
  };
  hubbub::stream<int> stream(int count, hubbub::cancellation cancel) {
    const running_stream mark(cancelled_, cancel, this->connection_aborted());
    for (int i = 0; i < count; ++i) co_yield i;
  }
  hubbub::stream<int> stream_slow(int count, int delay_ms, hubbub::cancellation cancel) {
    const running_stream mark(cancelled_, cancel, this->connection_aborted());
    for (int i = 0; i < count; ++i) {
      co_await hubbub::sleep(std::chrono::milliseconds(delay_ms));
      co_yield i;
    }
  }
  hubbub::stream<int> stream_fail(int count) {
    for (int i = 0; i < count; ++i) co_yield i;
    throw hubbub::hub_error("stream failed");
  }
  int cancelled_streams() { return cancelled_; }
  hubbub::task<int> sum(hubbub::stream_reader<int> numbers) {
    unsigned total = 0;
    while (auto number = co_await numbers.next()) total += static_cast<unsigned>(*number);
    co_return static_cast<int>(total);
  }
  hubbub::stream<std::string> echo_stream(hubbub::stream_reader<std::string> texts) {
    while (auto text = co_await texts.next()) co_yield std::move(*text);
  }

  using self = conformance_hub;
  using methods =
      hubbub::methods<&self::echo, &self::echo_bytes, &self::echo_record, &self::add_numbers, &self::nothing,
                      &self::delay, &self::fail, &self::crash, &self::notify, &self::burst, &self::broadcast,
                      &self::send_others, &self::join, &self::leave, &self::send_group, &self::send_user,
                      &self::send_connection, hubbub::as<"ConnectionId">(&self::connection_id_text),
                      hubbub::as<"UserId">(&self::user_id_text), &self::node_name, &self::connected_count,
                      hubbub::authorized<"admin">(&self::admin_only), hubbub::as<"Abort">(&self::abort_connection),
                      &self::ask_client, &self::stream, &self::stream_slow, &self::stream_fail,
                      &self::cancelled_streams, &self::sum, &self::echo_stream>;

 private:
  shared_state& state_;
  int cancelled_ = 0;  // streams of this connection
};

}  // namespace conformance
