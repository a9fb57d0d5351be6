// Fuzzes the whole dispatcher: a hub in process, a client that sends whatever the input says in either protocol (calls
// of every kind, streams, results, cancellations, nonsense) while time passes, messages are sent and the client stops
// reading, and a bystander who behaves.
// Promises checked: the bystander is served and loses nothing; what the client gets are whole messages; nothing is
// completed that was not called, and nothing twice; when the client has left, nothing of it stays: no hub object, no
// stream, no method.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hubbub/hub.hpp"
#include "hubbub/protocol/handshake.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "hubbub/testing.hpp"
#include "testing/call_message.hpp"

namespace {

using namespace hubbub;
using namespace std::chrono_literals;

[[noreturn]] void give_up(const char* promise, const std::string& what = "") {
  std::fprintf(stderr, "broken promise: %s %s\n", promise, what.c_str());
  std::abort();
}

struct order {
  std::string name;
  std::vector<int> amounts;
  std::optional<double> price;
};
HUBBUB_FIELDS(order, name, amounts, price)

int hubs_alive = 0;
int frames_alive = 0;

// Lives in the frame of a coroutine.
struct frame_mark {
  frame_mark() { ++frames_alive; }
  frame_mark(const frame_mark&) = delete;
  frame_mark& operator=(const frame_mark&) = delete;
  ~frame_mark() { --frames_alive; }
};

class fuzzed_hub : public hub<fuzzed_hub> {
 public:
  fuzzed_hub() { ++hubs_alive; }
  ~fuzzed_hub() { --hubs_alive; }

  task<void> on_disconnected(const close_reason&) {
    const frame_mark mark;
    co_await sleep(1ms);
    clients().others().send("Left", connection_id());
  }

  std::string echo(std::string text) { return text; }
  int add(int a, int b) { return static_cast<int>(static_cast<unsigned>(a) + static_cast<unsigned>(b)); }
  order keep(order given) { return given; }
  void fail(std::string text) { throw hub_error(text); }
  void crash() { throw std::runtime_error("crash"); }
  void leave() { abort(); }
  void tell_all(std::string text) { clients().all().send("Told", text); }
  task<void> enter(std::string room) {
    const frame_mark mark;
    co_await groups().add(connection_id(), room);
  }
  task<void> exit(std::string room) {
    const frame_mark mark;
    co_await groups().remove(connection_id(), room);
  }
  void tell_room(std::string room, std::string text) { clients().group(room).send("Told", text); }
  task<int> wait(int ms) {
    const frame_mark mark;
    co_await sleep(std::chrono::milliseconds(ms & 0xfff));
    co_return ms;
  }
  task<int> wait_for_wish(cancellation cancel) {
    const frame_mark mark;
    co_await sleep(1h);
    co_return cancel.requested() ? 1 : 0;
  }
  task<int> ask(int x) {
    const frame_mark mark;
    auto call = clients().client(connection_id()).invoke<int>("Answer", x);
    call.timeout(5s);
    const int answer = co_await call;
    co_return answer;
  }
  stream<int> count(int to, int pause) {
    const frame_mark mark;
    for (int i = 0; i < to; ++i) {
      if (pause > 0) co_await sleep(std::chrono::milliseconds(pause));
      co_yield i;
    }
  }
  stream<std::string> break_off() {
    const frame_mark mark;
    co_yield "one";
    throw hub_error("broken off");
  }
  task<int> sum(stream_reader<int> numbers) {
    const frame_mark mark;
    unsigned total = 0;
    while (auto number = co_await numbers.next()) total += static_cast<unsigned>(*number);
    co_return static_cast<int>(total);
  }
  task<int> first_of_two(stream_reader<std::string> one, int many, stream_reader<order> other) {
    const frame_mark mark;
    const auto text = co_await one.next();
    const auto ordered = co_await other.next();
    co_return many + (text ? 1 : 0) + (ordered ? 2 : 0);
  }
  stream<std::string> repeat(stream_reader<std::string> texts) {
    const frame_mark mark;
    while (auto text = co_await texts.next()) co_yield std::move(*text);
  }

  using methods =
      hubbub::methods<&fuzzed_hub::echo, &fuzzed_hub::add, &fuzzed_hub::keep, &fuzzed_hub::fail, &fuzzed_hub::crash,
                      &fuzzed_hub::leave, &fuzzed_hub::tell_all, &fuzzed_hub::enter, &fuzzed_hub::exit,
                      &fuzzed_hub::tell_room, &fuzzed_hub::wait, &fuzzed_hub::wait_for_wish, &fuzzed_hub::ask,
                      &fuzzed_hub::count, &fuzzed_hub::break_off, &fuzzed_hub::sum, &fuzzed_hub::first_of_two,
                      &fuzzed_hub::repeat>;
};

constexpr const char* names[] = {"Echo", "Add",        "Keep",   "Fail",  "Crash",       "TellAll", "Enter",
                                 "Exit", "TellRoom",   "Wait",   "Ask",   "WaitForWish", "Count",   "BreakOff",
                                 "Sum",  "FirstOfTwo", "Repeat", "Leave", "Nobody",      ""};

// The input, from its front.
class script {
 public:
  script(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  [[nodiscard]] bool over() const { return left_ == 0; }
  unsigned pick(unsigned below) {
    if (left_ == 0) return 0;
    --left_;
    return *data_++ % below;
  }
  std::string text(std::size_t most) {
    const std::size_t size = std::min<std::size_t>(pick(static_cast<unsigned>(most) + 1), left_);
    const std::string taken(reinterpret_cast<const char*>(data_), size);
    data_ += size;
    left_ -= size;
    return taken;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

// The client that the input drives, and what it may expect.
class misbehaving {
 public:
  misbehaving(testing::host& at, script& input)
      : input_(input), protocol_(input.pick(2) == 0 ? json_hub_protocol() : messagepack_hub_protocol()) {
    testing::client_options options;
    options.pings_every = 0ms;
    options.long_polling = input.pick(4) == 0;
    line_ = &at.arrive(options);
    wire_buffer hello;
    write_handshake_request(hello, protocol_.name(), 1);
    line_->say(hello.view());
  }

  void step() {
    wire_buffer out;
    switch (input_.pick(12)) {
      case 0:
      case 1:
      case 2: call(out, message_type::invocation); break;
      case 3: call(out, message_type::stream_invocation); break;
      case 4: protocol_.write_stream_item(out, id(), [&](value_writer& writer) { value(writer, 2); }); break;
      case 5: complete(out); break;
      case 6: protocol_.write_cancel(out, id()); break;
      case 7: protocol_.write_ping(out); break;
      case 8:
        out.put(input_.text(24));
        raw_ = true;  // may become part of a call
        break;
      case 9: return line_->stop_reading();
      case 10: return line_->read_again();
      default:
        if (input_.pick(16) == 0) protocol_.write_close(out, input_.text(4), false);
        break;
    }
    say(out.view());
    watch();
  }

  // All that came is read: whole messages, and completions of what was called.
  void watch() {
    received_ += line_->take();
    std::string_view rest = received_;
    while (!rest.empty()) {
      std::size_t scanned = 0;
      // The answer to the handshake is JSON whatever comes behind it.
      const hub_protocol& now = greeted_ ? protocol_ : json_hub_protocol();
      const message_cut cut = now.cut(rest, scanned, 0);
      if (cut.found != message_cut::outcome::whole) give_up("a client gets whole messages", received_);
      if (std::exchange(greeted_, true)) read(rest.substr(cut.begin, cut.size));
      rest.remove_prefix(cut.used);
    }
    received_.clear();
  }
  void leave() {
    line_->read_again();
    watch();
    if (line_->ended() == testing::wire_end::none) line_->leave();
    watch();
  }

 private:
  std::string id() {
    const unsigned which = input_.pick(10);
    if (which == 8) return "";
    return which == 9 ? asked_ : std::to_string(which);
  }

  void call(wire_buffer& out, message_type type) {
    const std::string called = id();
    std::vector<std::string> streams;
    const std::string_view name = names[input_.pick(std::size(names))];
    for (unsigned more = input_.pick(4) % 3; more > 0; --more) streams.push_back(id());
    const unsigned count = input_.pick(4);
    std::vector<std::pair<std::string, std::string>> headers;
    if (input_.pick(8) == 1) headers.emplace_back(input_.text(12), input_.text(60));
    testing::detail::write_call(out, protocol_,
                                {.type = type, .id = called, .target = name, .streams = streams, .headers = headers},
                                count, [&](value_writer& writer) {
                                  for (unsigned i = 0; i < count; ++i) value(writer, 2);
                                });
    if (!called.empty()) ++owed_[called];
  }

  void complete(wire_buffer& out) {
    const std::string of = id();
    switch (input_.pick(3)) {
      case 0: return protocol_.write_completion(out, of, [&](value_writer& writer) { value(writer, 2); });
      case 1: return protocol_.write_void_completion(out, of);
      default: return protocol_.write_error_completion(out, of, input_.text(4));
    }
  }

  // An argument that often fits.
  void value(value_writer& writer, unsigned deeper) {
    switch (input_.pick(9)) {
      case 0:
      case 1: return writer.write(std::string_view(input_.text(6)));
      case 2:
      case 3: return writer.write(static_cast<std::int64_t>(input_.pick(200)));
      case 4: return writer.write(0.5);
      case 5: return writer.write(true);
      case 6:
        if (deeper == 0) return writer.write_null();
        writer.begin_object(2);
        writer.key("name");
        value(writer, deeper - 1);
        writer.key("amounts");
        value(writer, deeper - 1);
        return writer.end_object();
      case 7:
        if (deeper == 0) return writer.write_null();
        writer.begin_array(2);
        value(writer, deeper - 1);
        value(writer, deeper - 1);
        return writer.end_array();
      default: return writer.write_null();
    }
  }

  void say(std::string_view sent) {
    if (line_->ended() != testing::wire_end::none) return;
    if (sent.size() > 1 && input_.pick(4) == 0) {
      const std::size_t half = 1 + input_.pick(static_cast<unsigned>(std::min<std::size_t>(sent.size() - 1, 200)));
      line_->say(sent.substr(0, half));
      sent.remove_prefix(half);
    }
    if (!sent.empty()) line_->say(sent);
  }

  void read(std::string_view encoded) {
    hub_message message;
    if (protocol_.parse(encoded, message) != parse_status::message) give_up("a client gets messages", received_);
    if (message.type == message_type::invocation && message.has_invocation_id) asked_ = message.invocation_id;
    if (message.type != message_type::completion) return;
    const auto found = owed_.find(std::string(message.invocation_id));
    if (found == owed_.end() || found->second-- == 0) {
      if (raw_) return;
      give_up("nothing is completed that was not called", std::string(message.invocation_id));
    }
  }

  script& input_;
  const hub_protocol& protocol_;
  testing::raw_client* line_ = nullptr;
  std::map<std::string, int> owed_;
  std::string asked_;  // the id of the hub's last question
  std::string received_;
  bool greeted_ = false;
  bool raw_ = false;  // has sent bytes that may have been calls
};

void run(script input) {
  testing::host host({.log_threshold = log_level::error});
  host.map<fuzzed_hub>("/fuzzed")
      .max_message_size(4096)
      .max_parallel_invocations(1 + input.pick(3))
      .max_streams(4)
      .stream_capacity(2)
      .outbox_limit(8192)
      .detailed_errors(input.pick(2) == 0);
  testing::client bystander = host.connect({.name = "bystander"});
  bystander.ignore("Told");
  bystander.ignore("Left");
  int said = 0;
  const auto check_bystander = [&] {
    const std::string text = std::to_string(++said);
    if (bystander.invoke<std::string>("Echo", text) != text) give_up("a bystander is served");
  };
  {
    misbehaving client(host, input);
    while (!input.over()) {
      client.step();
      switch (input.pick(8)) {
        case 0: host.advance(std::chrono::milliseconds(input.pick(200) * 40)); break;
        case 1: check_bystander(); break;
        case 2: bystander.send("TellAll", "to all"); break;
        case 3: bystander.send("TellRoom", input.text(2), "to a room"); break;
        default: break;
      }
      client.watch();
    }
    client.leave();
  }
  check_bystander();
  host.advance(6s);  // methods that sleep go on when their client has left
  if (host.connections() != 1 || hubs_alive != 1) give_up("nothing of a client stays");
  if (frames_alive != 0) give_up("no method stays");
  check_bystander();
  bystander.disconnect();
  host.advance(1s);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 600) return 0;
  try {
    run({data, size});
  } catch (const std::exception& broken) {
    give_up("nothing is thrown", broken.what());
  }
  return 0;
}
