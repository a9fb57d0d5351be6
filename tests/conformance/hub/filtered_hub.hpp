// A hub with all kinds of methods, a filter that writes down what it sees, and the fixture of their tests.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hubbub/hub.hpp"
#include "suite.hpp"

namespace filter_story {

using namespace hub_story;
using namespace std::chrono_literals;
using hubbub::close_reason;
using hubbub::filter_next;
using hubbub::hub_base;
using hubbub::hub_error;
using hubbub::hub_invocation;
using hubbub::message_headers;
using hubbub::task;

class filtered_hub : public hubbub::hub<filtered_hub> {
 public:
  explicit filtered_hub(world& about) : about_(about) { about_.hub_begins(); }
  ~filtered_hub() override { about_.hub_ends(); }

  void on_connected() { about_.note("hub connected"); }
  void on_disconnected(const close_reason&) { about_.note("hub disconnected"); }

  std::string echo(std::string text) {
    about_.note("echo " + text);
    return text;
  }
  task<std::string> echo_later(std::string text) {
    co_await hubbub::sleep(0ms);
    co_return text;
  }
  int add(int left, int right) { return left + right; }
  void nothing() { about_.note("nothing"); }
  task<void> nothing_later() { co_await about_.gate("nothing later"); }
  const std::string& kept() const { return kept_; }
  void fail() { throw hub_error("the method failed"); }
  std::string members() const { return "members"; }
  hubbub::stream<int> numbers(int count) {
    for (int i = 0; i < count; ++i) co_yield i;
  }
  task<hubbub::stream<int>> numbers_later(int count) {
    co_await hubbub::sleep(0ms);
    co_return numbers(count);
  }
  task<int> sum(int begin, hubbub::stream_reader<int> in, hubbub::cancellation cancel) {
    while (auto item = co_await in.next()) begin += *item;
    co_return cancel.requested() ? -1 : begin;
  }
  task<int> ask() {
    auto call = clients().caller().invoke<int>("Answer", 7);
    const int answer = co_await call;
    co_return answer;
  }
  std::string header(std::string name, message_headers headers) {
    return std::string(headers.get(name).value_or("none")) + " of " + std::to_string(headers.size());
  }
  task<std::string> header_later(const message_headers& headers, std::string name) {
    co_await hubbub::sleep(0ms);
    co_return std::string(headers.get(name).value_or("none"));
  }
  task<void> crash_later() {
    co_await hubbub::sleep(0ms);
    throw std::runtime_error("secret");
  }
  void crash() { throw std::runtime_error("secret"); }
  hubbub::stream<int> crash_streaming() {
    co_yield 1;
    throw std::runtime_error("secret");
  }

  using methods = hubbub::methods<&filtered_hub::echo, &filtered_hub::echo_later, &filtered_hub::add,
                                  &filtered_hub::nothing, &filtered_hub::nothing_later, &filtered_hub::kept,
                                  &filtered_hub::fail, hubbub::authorized<"admin">(&filtered_hub::members),
                                  &filtered_hub::numbers, &filtered_hub::numbers_later, &filtered_hub::sum,
                                  &filtered_hub::ask, &filtered_hub::header, &filtered_hub::header_later,
                                  &filtered_hub::crash_later, &filtered_hub::crash, &filtered_hub::crash_streaming>;

 private:
  world& about_;
  std::string kept_ = "kept";
};

class bare_hub : public hubbub::hub<bare_hub> {
 public:
  using methods = hubbub::methods<>;
};

class stranger : public hubbub::hub<stranger> {
 public:
  using methods = hubbub::methods<>;
};

// Writes down when it is entered and left, in all hooks.
class marking_filter {
 public:
  marking_filter(world& about, std::string name) : about_(about), name_(std::move(name)) {}

  task<void> invoke(hub_invocation& call, filter_next next) {
    about_.note(name_ + " before " + std::string(call.method()));
    co_await next();
    about_.note(name_ + " after " + std::string(call.method()));
  }
  task<void> on_connected(hub_base& hub, filter_next next) {
    about_.note(name_ + " connecting to " + hub.hub_name());
    co_await next();
    about_.note(name_ + " connected");
  }
  task<void> on_disconnected(hub_base&, const close_reason& why, filter_next next) {
    about_.note(name_ + " disconnecting: " + std::string(name_of(why.cause)));
    co_await next();
    about_.note(name_ + " disconnected");
  }

 private:
  world& about_;
  std::string name_;
};

// A function that filters calls; its captures live as long as the filter.
template <class Act>
hubbub::hub_filter around_calls(Act act) {
  return hubbub::hub_filter(std::move(act));
}

class filters : public suite {
 protected:
  stage& set_up_with_filters(std::vector<hubbub::hub_filter> of_all, std::vector<hubbub::hub_filter> own = {}) {
    return set_up_mapped([=](hubbub::hub_host& host, world& about) {
      auto endpoint = hubbub::make_hub_endpoint<filtered_hub>(host, std::ref(about));
      for (const auto& one : own) endpoint->add_filter(one);
      for (const auto& one : of_all) host.add_filter(one);
      return endpoints{std::move(endpoint)};
    });
  }
  // The same when the filters need the world.
  using make = std::function<std::vector<hubbub::hub_filter>(world&)>;
  stage& set_up_made(const make& of_all, const make& own = {}) {
    return set_up_mapped([=](hubbub::hub_host& host, world& about) {
      auto endpoint = hubbub::make_hub_endpoint<filtered_hub>(host, std::ref(about));
      if (own) {
        for (const auto& one : own(about)) endpoint->add_filter(one);
      }
      for (const auto& one : of_all(about)) host.add_filter(one);
      return endpoints{std::move(endpoint)};
    });
  }
  static json with_headers(const std::string& id, const std::string& target, const json& arguments,
                           const json& headers) {
    return {{"type", 1}, {"headers", headers}, {"invocationId", id}, {"target", target}, {"arguments", arguments}};
  }
};

using lines = std::vector<std::string>;

}  // namespace filter_story
