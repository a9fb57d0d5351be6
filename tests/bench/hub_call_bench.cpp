// What the hub costs without sockets: a call from its bytes to the completion's bytes in the outbox, a method that
// waits, and a broadcast to a thousand connections.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "allocation_counter.hpp"
#include "hubbub/hub.hpp"
#include "hubbub/hub/hub_endpoint.hpp"

// Everything that allocates is counted, frames and blocks that come from malloc too. glibc's own functions do the work.
extern "C" {
void* __libc_malloc(std::size_t size);               // NOLINT(bugprone-reserved-identifier): glibc's names
void* __libc_realloc(void* room, std::size_t size);  // NOLINT(bugprone-reserved-identifier)
void* malloc(std::size_t size) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* realloc(void* room, std::size_t size) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(room, size);
}
}

namespace {

using namespace hubbub;

struct message {
  std::string text;
  int stars = 0;
};
HUBBUB_FIELDS(message, text, stars)

class bench_hub : public hub<bench_hub> {
 public:
  std::string echo(std::string text) const { return text; }
  int rate(const std::string&, const message& what) const { return what.stars; }
  task<int> rate_later(std::string, message what) { co_return what.stars; }
  void broadcast(const std::string& text) { clients().all().send("Receive", text); }
  using methods = hubbub::methods<&bench_hub::echo, &bench_hub::rate, &bench_hub::rate_later, &bench_hub::broadcast>;
};

struct idle_link final : link {
  void wake() override {}
  void flush_now() override {}
  void finish(ending) override {}
  void drop() override {}
  void pause_reading() override {}
  void resume_reading() override {}
};

struct passing_filter {
  task<void> invoke(hub_invocation&, filter_next next) { co_await next(); }
};

// One shard, one hub, connections whose far end takes whatever comes.
class bench_stage {
 public:
  explicit bench_stage(std::size_t connections, const hub_protocol& speaking = json_hub_protocol(), int filters = 0)
      : home_({}), shop_(home_.buffer()) {
    const std::string hello = "{\"protocol\":\"" + std::string(speaking.name()) + "\",\"version\":1}\x1e";
    host_.set_shards({&home_});
    endpoint_ = make_hub_endpoint<bench_hub>(host_);
    for (; filters > 0; --filters) endpoint_->add_filter(passing_filter());
    endpoint_->start();
    home_.run_ready();
    for (std::size_t i = 0; i < connections; ++i) {
      connection_ref& made = all_.emplace_back(new connection(home_, endpoint_->limits()));
      made->set_request(std::make_unique<request>());
      made->attach(link_, rendering::websocket);
      home_.turn([&] {
        endpoint_->open(*made);
        made->deliver(hello);
      });
    }
    take_all();
  }
  ~bench_stage() {
    home_.turn([this] {
      for (connection_ref& one : all_) one->ended({close_cause::client_left, {}});
    });
    home_.poll();
    all_.clear();
  }
  bench_stage(const bench_stage&) = delete;
  bench_stage& operator=(const bench_stage&) = delete;

  // A turn in which these bytes arrive from the first client.
  void receive(std::string_view bytes) {
    home_.turn([&] { all_.front()->deliver(bytes); });
  }
  // Takes what waits for everybody, as the transport does: in one piece each.
  std::size_t take_all() {
    std::size_t bytes = 0;
    for (connection_ref& one : all_) {
      outbox& waiting = one->waiting();
      while (!waiting.empty()) {
        const bytes_view next = waiting.next_write(shop_, 16 * 1024, false);
        benchmark::DoNotOptimize(next.data());
        bytes += next.size();
        waiting.consume(next.size(), shop_);
      }
      one->taken();
    }
    shop_.settle();
    return bytes;
  }
  [[nodiscard]] hub_context<bench_hub> context() { return make_hub_context<bench_hub>(host_); }
  [[nodiscard]] shard& home() noexcept { return home_; }

 private:
  shard home_;
  send_workshop shop_;
  idle_link link_;
  hub_host host_;
  std::shared_ptr<hub_endpoint> endpoint_;
  std::vector<connection_ref> all_;
};

void call(benchmark::State& state, std::string_view bytes, const hub_protocol& speaking = json_hub_protocol(),
          int filters = 0) {
  bench_stage stage(1, speaking, filters);
  stage.receive(bytes);
  if (stage.take_all() == 0) return state.SkipWithError("no completion came");
  const allocation_counter count(state);
  for (auto _ : state) {
    stage.receive(bytes);
    benchmark::DoNotOptimize(stage.take_all());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

// 100 bytes each, record separator included.
constexpr std::string_view echo_call =
    R"({"arguments":["a text of some length, neither short nor so long"],"invocationId":"17","target":"Echo","type":1})"
    "\x1e";
constexpr std::string_view rate_call =
    R"({"arguments":["lobby",{"text":"hello, how are you?","stars":4}],"invocationId":"17","target":"Rate","type":1})"
    "\x1e";
constexpr std::string_view rate_later_call =
    R"({"arguments":["lobby",{"text":"hello, how are","stars":4}],"invocationId":"17","target":"RateLater","type":1})"
    "\x1e";

void plain_call_with_a_text(benchmark::State& state) { call(state, echo_call); }
void plain_call_with_a_described_record(benchmark::State& state) { call(state, rate_call); }
void task_call_with_a_described_record(benchmark::State& state) { call(state, rate_later_call); }
void plain_call_through_filters(benchmark::State& state) {
  call(state, echo_call, json_hub_protocol(), static_cast<int>(state.range(0)));
}
BENCHMARK(plain_call_with_a_text);
BENCHMARK(plain_call_through_filters)->Arg(1)->Arg(3);
BENCHMARK(plain_call_with_a_described_record);
BENCHMARK(task_call_with_a_described_record);

// The same in MessagePack, 100 bytes with their length.
template <class... Arguments>
void call_in_messagepack(benchmark::State& state, std::string_view target, const Arguments&... arguments) {
  wire_buffer out;
  messagepack_hub_protocol().write_invocation(out, "17", target, sizeof...(arguments),
                                              [&](value_writer& writer) { (write_value(writer, arguments), ...); });
  if (out.size() != 100) return state.SkipWithError("the call has not 100 bytes");
  call(state, out.view(), messagepack_hub_protocol());
}
void plain_call_with_a_text_in_messagepack(benchmark::State& state) {
  call_in_messagepack(state, "Echo", std::string(84, 'x'));
}
void plain_call_with_a_described_record_in_messagepack(benchmark::State& state) {
  call_in_messagepack(state, "Rate", std::string("lobby"), message{std::string(65, 'x'), 4});
}
void task_call_with_a_described_record_in_messagepack(benchmark::State& state) {
  call_in_messagepack(state, "RateLater", std::string("lobby"), message{std::string(60, 'x'), 4});
}
BENCHMARK(plain_call_with_a_text_in_messagepack);
BENCHMARK(plain_call_with_a_described_record_in_messagepack);
BENCHMARK(task_call_with_a_described_record_in_messagepack);

void turn_without_work(benchmark::State& state) {
  bench_stage stage(1);
  for (auto _ : state) {
    stage.home().turn([] {});
    benchmark::DoNotOptimize(stage.take_all());
  }
}
BENCHMARK(turn_without_work);

// One message for everybody: encoded once, queued and taken by each; several before anybody takes.
void broadcast(benchmark::State& state) {
  const auto recipients = static_cast<std::size_t>(state.range(0));
  bench_stage stage(recipients);
  const hub_context<bench_hub> hub = stage.context();
  const std::string text(100, 'x');
  const allocation_counter count(state);
  shard& home = stage.home();
  for (auto _ : state) {
    home.post([&] {
      for (std::int64_t i = 0; i < state.range(1); ++i) hub.clients().all().send("Receive", text);
    });
    home.poll();
    benchmark::DoNotOptimize(stage.take_all());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * state.range(1));
}
BENCHMARK(broadcast)->Args({1000, 1})->Args({1000, 8})->Args({1, 1});

}  // namespace

BENCHMARK_MAIN();
