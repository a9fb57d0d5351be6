// Fuzzes what a client of long polling POSTs to a hub. The first two bytes say where the stream is cut into bodies, the
// third whether a good handshake comes first, and for which protocol; the rest is the stream.
// Promises checked: where a stream is cut into bodies changes neither what the hub answers nor how the connection ends;
// answers are whole messages of the protocol the client asked for; and nothing of a connection stays when it is over. A
// method that waits for its client's items runs beside others: then answers may overtake each other, and those that are
// late when the connection ends may be missing.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "../unit/hub/one_hub.hpp"
#include "hubbub/hub.hpp"
#include "hubbub/protocol/handshake.hpp"
#include "hubbub/protocol/hub_protocol.hpp"

namespace {

using namespace hubbub;

[[noreturn]] void give_up(const char* promise, const std::string& what = "") {
  std::fprintf(stderr, "broken promise: %s %s\n", promise, what.c_str());
  std::abort();
}

struct settings {
  std::vector<int> items;
  std::optional<std::string> note;
};
HUBBUB_FIELDS(settings, items, note)

int sums_begun = 0;

// Methods whose answers depend on nothing but what the client said; and, but for `sum`, come in the order of the calls.
class fuzzed_hub : public hubbub::hub<fuzzed_hub> {
 public:
  std::optional<std::string> echo(std::optional<std::string> text) { return text; }
  int add_numbers(int a, int b) { return static_cast<int>(static_cast<unsigned>(a) + static_cast<unsigned>(b)); }
  settings keep(settings given) { return given; }
  void notify(std::string payload) { clients().caller().send("Receive", payload); }
  void fail(std::string text) { throw hub_error(text); }
  void leave() { abort(); }
  task<int> sum(stream_reader<int> numbers) {
    ++sums_begun;
    unsigned total = 0;
    while (auto number = co_await numbers.next()) total += static_cast<unsigned>(*number);
    co_return static_cast<int>(total);
  }
  using methods = hubbub::methods<&fuzzed_hub::echo, &fuzzed_hub::add_numbers, &fuzzed_hub::keep, &fuzzed_hub::notify,
                                  &fuzzed_hub::fail, &fuzzed_hub::leave, &fuzzed_hub::sum>;
};

// What the client of a connection has seen of it in the end.
struct told {
  std::string received;
  std::string end = "open";
  bool ordered = true;  // no method ran beside others
};

// Carries bodies to a connection as its polls and POSTs do: no faster than the hub wants them.
class carrier final : public link, private turn_listener {
 public:
  carrier(hubbub_test::hand_shard& on, hub_endpoint& hub)
      : on_(on), shop_(on.home.buffer()), connection_(new connection(on.home, hub.limits())) {
    on_.home.add(static_cast<turn_listener&>(*this));
    connection_->set_inherent_keep_alive(true);
    connection_->attach(*this, rendering::payload);
    on_.turn([&] { hub.open(*connection_); });
  }
  carrier(const carrier&) = delete;
  carrier& operator=(const carrier&) = delete;
  ~carrier() { on_.home.remove(static_cast<turn_listener&>(*this)); }

  void post(std::string_view body) {
    on_.turn([&] {
      if (paused_) {
        waiting_.append(body);
      } else if (seen_.end == "open") {
        connection_->deliver(body);
      }
    });
  }
  // The client leaves; what it has seen.
  told leave() {
    on_.turn([&] { connection_->ended({close_cause::client_left, {}}); });
    return seen_;
  }

  // link
  void wake() override {}
  void flush_now() override {}
  void finish(ending how) override { over(how == ending::normal ? "finished" : "failed"); }
  void drop() override { over("dropped"); }
  void pause_reading() override { paused_ = true; }
  void resume_reading() override {
    paused_ = false;
    on_.home.defer([this] {
      if (!waiting_.empty() && !paused_ && seen_.end == "open") connection_->deliver(std::exchange(waiting_, {}));
    });
  }

 private:
  void over(const char* how) {
    if (seen_.end == "open") seen_.end = how;
  }
  void on_turn_end() override {
    while (!connection_->waiting().empty()) {
      const bytes_view next = connection_->waiting().next_write(shop_, 16 * 1024, true);
      seen_.received += next;
      connection_->waiting().consume(next.size(), shop_);
    }
    shop_.settle();
    connection_->taken();
  }

  hubbub_test::hand_shard& on_;
  send_workshop shop_;
  connection_ref connection_;
  told seen_;
  std::string waiting_;
  bool paused_ = false;
};

hubbub_test::one_hub<fuzzed_hub>& the_hub() {
  static const auto made = [] {
    auto fresh = std::make_unique<hubbub_test::one_hub<fuzzed_hub>>();
    return fresh;
  }();
  return *made;
}

told tell(std::string_view stream, const std::vector<std::size_t>& cuts) {
  hubbub_test::one_hub<fuzzed_hub>& hub = the_hub();
  told seen;
  {
    const int sums_before = sums_begun;
    carrier client(hub.on, *hub.endpoint);
    std::size_t from = 0;
    for (const std::size_t cut : cuts) {
      client.post(stream.substr(from, cut - from));
      from = cut;
    }
    client.post(stream.substr(from));
    seen = client.leave();
    seen.ordered = sums_begun == sums_before;
  }
  hub.on.settle();
  if (hub.endpoint->busy(hub.on.home) != 0) give_up("nothing of a connection stays");
  return seen;
}

// Which protocol the answers are in: what a client's first record asks for.
const hub_protocol& protocol_of(std::string_view stream) {
  const handshake_request asked = parse_handshake_request(stream.substr(0, stream.find(record_separator)));
  std::string name = asked.protocol;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char one) { return std::tolower(one); });
  return asked.valid && name == messagepack_hub_protocol().name() ? messagepack_hub_protocol() : json_hub_protocol();
}

std::vector<std::string_view> messages_of(std::string_view received, const hub_protocol& in) {
  std::vector<std::string_view> all;
  while (!received.empty()) {
    // The answer to the handshake is JSON whatever comes behind it.
    const hub_protocol& now = all.empty() ? json_hub_protocol() : in;
    std::size_t scanned = 0;
    const message_cut cut = now.cut(received, scanned, 0);
    if (cut.found != message_cut::outcome::whole) give_up("answers are whole messages", std::string(received));
    all.push_back(received.substr(cut.begin, cut.size));
    hub_message read;
    const bool good =
        all.size() == 1 ? nlohmann::json::accept(all.back()) : now.parse(all.back(), read) == parse_status::message;
    if (!good) give_up("answers are messages", std::string(received));
    received.remove_prefix(cut.used);
  }
  return all;
}

bool same(const told& left, const told& right, const hub_protocol& in) {
  if (left.end != right.end || left.ordered != right.ordered) return false;
  if (left.ordered) return left.received == right.received;
  if (left.end != "open") return true;
  // Whether an id is free again depends on when the method before it has ended.
  if ((left.received + right.received).find("already in use") != std::string::npos) return true;
  std::vector<std::string_view> one = messages_of(left.received, in);
  std::vector<std::string_view> other = messages_of(right.received, in);
  std::sort(one.begin(), one.end());
  std::sort(other.begin(), other.end());
  return one == other;
}

void compare(const told& left, const told& right, const hub_protocol& in, const char* promise) {
  if (same(left, right, in)) return;
  give_up(promise, "\n" + left.end + ": " + left.received + "\n" + right.end + ": " + right.received);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  std::string stream;
  if (data[2] % 4 != 0) {
    stream = "{\"protocol\":\"" + std::string(data[2] % 4 == 3 ? "messagepack" : "json") + "\",\"version\":1}\x1e";
  }
  stream.append(reinterpret_cast<const char*>(data) + 3, size - 3);

  const told whole = tell(stream, {});
  const hub_protocol& in = protocol_of(stream);
  static_cast<void>(messages_of(whole.received, in));
  const std::size_t first = data[0] % (stream.size() + 1);
  const std::size_t second = first + data[1] % (stream.size() - first + 1);
  compare(whole, tell(stream, {first, second}), in, "three bodies are read as one");
  std::vector<std::size_t> crumbs;
  const std::size_t step = 1 + stream.size() / 256;  // each body is a turn of the shard: long streams would take long
  for (std::size_t cut = step; cut < stream.size(); cut += step) crumbs.push_back(cut);
  compare(whole, tell(stream, crumbs), in, "single bytes are read alike");
  return 0;
}
