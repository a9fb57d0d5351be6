// The hub that the testing kit is tried with, and a fixture that knows both hub protocols.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "hubbub/testing.hpp"

namespace kit_story {

namespace kit = hubbub::testing;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

struct note {
  std::string text;
  int stars = 0;
  bool operator==(const note&) const = default;
};
HUBBUB_FIELDS(note, text, stars)

/// What a hub did, for tests to read.
using journal = std::vector<std::string>;

class kit_hub : public hubbub::hub<kit_hub> {
 public:
  explicit kit_hub(journal& lines) : lines_(lines) {}

  void on_connected() {
    const std::string wish = request().query("wish").value_or("");
    if (wish == "refuse") throw hubbub::hub_error("not today");
    if (wish == "greet") clients().caller().send("Welcome", user_id());
  }
  void on_disconnected(const hubbub::close_reason& why) {
    lines_.push_back("left: " + std::string(name_of(why.cause)) + (why.text.empty() ? "" : " " + why.text));
  }

  std::string echo(std::string text) { return text; }
  int add(int a, int b) { return a + b; }
  note praise(note what) { return {what.text, what.stars + 1}; }
  void nothing() {}
  void fail(std::string text) { throw hubbub::hub_error(text); }
  void crash() { throw std::runtime_error("secret"); }
  hubbub::task<int> later(int milliseconds) {
    co_await hubbub::sleep(std::chrono::milliseconds(milliseconds));
    lines_.push_back("slept " + std::to_string(milliseconds));
    co_return milliseconds;
  }
  hubbub::task<std::string> read_file() {
    lines_.push_back("asks the pool");
    const std::string text = co_await hubbub::run_blocking([this] {
      lines_.push_back("in the pool");
      return std::string("content");
    });
    lines_.push_back("back");
    co_return text;
  }
  hubbub::task<void> join(std::string group) { co_await groups().add(connection_id(), group); }
  void say(std::string group, std::string text) { clients().group(group).send("Said", user_id(), text); }
  void all(std::string event, note what) { clients().all().send(event, what); }
  void to_user(std::string user, std::string text) { clients().user(user).send("Told", text); }
  void odd() { clients().caller().send("Odd", 1, -2.5, true, nullptr, std::vector<int>{1, 2}, note{"a\"b", 1}); }
  void bye() { abort(); }
  hubbub::task<int> ask(std::string id, int x) {
    auto call = clients().client(id).invoke<int>("Answer", x);
    const int answer = co_await call;
    co_return answer + 1;
  }
  hubbub::stream<int> count(int up_to) {
    for (int i = 0; i < up_to; ++i) co_yield i;
  }
  hubbub::stream<int> tick() {
    const struct mark {
      journal& lines;
      ~mark() { lines.push_back("ticked"); }
    } end{lines_};
    for (int i = 0;; ++i) {
      co_yield i;
      co_await hubbub::sleep(1s);
    }
  }
  hubbub::stream<int> break_off() {
    co_yield 1;
    throw hubbub::hub_error("enough");
  }
  hubbub::task<std::string> join_up(std::string between, hubbub::stream_reader<std::string> in) {
    std::string all;
    while (auto item = co_await in.next()) all += *item + between;
    co_return all;
  }
  hubbub::task<void> spin() {
    for (;;) co_await hubbub::sleep(0ms);
  }

  using methods = hubbub::methods<&kit_hub::echo, &kit_hub::add, &kit_hub::praise, &kit_hub::nothing, &kit_hub::fail,
                                  &kit_hub::crash, &kit_hub::later, &kit_hub::read_file, &kit_hub::join, &kit_hub::say,
                                  &kit_hub::all, &kit_hub::to_user, &kit_hub::odd, &kit_hub::bye, &kit_hub::ask,
                                  &kit_hub::count, &kit_hub::tick, &kit_hub::break_off, &kit_hub::join_up,
                                  &kit_hub::spin, hubbub::as<"Kick">(hubbub::authorized<"admin">(&kit_hub::nothing))>;

 private:
  journal& lines_;
};

/// A host with the hub, on two shards, for each hub protocol.
class on_a_host : public testing::TestWithParam<hubbub::protocol_kind> {
 protected:
  on_a_host() : host({.shards = 2, .protocol = GetParam()}), settings(host.map<kit_hub>("/kit", std::ref(lines))) {}

  journal lines;
  kit::host host;
  kit::endpoint& settings;
};

inline std::string name_of_protocol(const testing::TestParamInfo<hubbub::protocol_kind>& info) {
  return info.param == hubbub::protocol_kind::json ? "json" : "messagepack";
}

/// The text of the `Thrown` that `act` throws; other exceptions pass.
template <class Thrown, class Act>
std::string text_of(Act&& act) {
  try {
    act();
  } catch (const Thrown& thrown) {
    return thrown.what();
  }
  return "nothing was thrown";
}

}  // namespace kit_story

#define KIT_PROTOCOLS(Suite)                                                                                 \
  INSTANTIATE_TEST_SUITE_P(speaks, Suite,                                                                    \
                           testing::Values(hubbub::protocol_kind::json, hubbub::protocol_kind::messagepack), \
                           kit_story::name_of_protocol)
