// The hub most tests talk to: one method for each thing a hub can do.
#pragma once

#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "hubbub/hub.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "world.hpp"

namespace hub_story {

struct note {
  std::string text;
  int stars = 0;
};
HUBBUB_FIELDS(note, text, stars)

/// What its on_connected and on_disconnected do is told by the request: `?connected=...&disconnected=...`.
// What an application asks of a caller besides roles.
inline bool is_adult(const hubbub::principal* who) { return who != nullptr && who->in_role("adult"); }

class story_hub : public hubbub::hub<story_hub> {
 public:
  explicit story_hub(world& about) : about_(about) {
    if (asked("constructor") == "throw") throw std::runtime_error("secret of the constructor");
    about_.hub_begins();
    if (asked("constructor") == "send") clients().caller().send("Receive", std::string("from the constructor"));
  }
  ~story_hub() override { about_.hub_ends(); }

  hubbub::task<void> on_connected() {
    const std::string what = asked("connected");
    if (what == "throw") throw std::runtime_error("secret of on_connected");
    if (what == "refuse") throw hubbub::hub_error("not today");
    if (what == "send") clients().caller().send("Receive", std::string("welcome"));
    if (what == "abort") abort();
    if (what == "wait") co_await about_.gate("on_connected");
    if (what == "sleep") co_await hubbub::sleep(std::chrono::hours(1));
    if (what == "join") co_await groups().add(connection_id(), "early");
    about_.note("connected " + connection_id());
    seen_header_ = std::string(request().header("X-Forgotten").value_or("gone"));
  }
  hubbub::task<void> on_disconnected(const hubbub::close_reason& why) {
    about_.note("disconnected " + connection_id());
    about_.note("because " + std::string(name_of(why.cause)) + (why.text.empty() ? "" : ": " + why.text) +
                (why.is_error() ? " (error)" : ""));
    clients().caller().send("Receive", std::string("into the void"));
    clients().others().send("Receive", "gone " + connection_id());
    clients().group("early").send("Receive", "left " + connection_id());
    if (asked("disconnected") == "throw") throw std::runtime_error("secret of on_disconnected");
    if (asked("disconnected") == "wait") co_await about_.gate("on_disconnected");
    about_.note("disconnected to the end");
  }

  // Values
  std::string echo(const std::string& text) const { return text; }
  std::optional<std::string> echo_maybe(std::optional<std::string> text) const { return text; }
  int add_numbers(int left, int right) const noexcept { return left + right; }
  note echo_note(note what) const { return what; }
  void nothing() { about_.note("nothing"); }
  hubbub::task<void> nothing_later() { co_await about_.gate("nothing later"); }
  hubbub::task<std::string> echo_later(std::string text) {
    co_await hubbub::sleep(std::chrono::milliseconds(0));
    co_return text;
  }
  hubbub::task<std::string> echo_by_reference(const std::string& text) {
    co_await hubbub::sleep(std::chrono::milliseconds(0));
    co_return text;
  }
  double not_a_number() const { return std::numeric_limits<double>::quiet_NaN(); }
  hubbub::task<double> not_a_number_later() { co_return std::numeric_limits<double>::infinity(); }
  std::string not_utf8() const {
    return "a\xff"
           "b";
  }

  // Errors
  void fail(std::string message) { throw hubbub::hub_error(message); }
  void crash() { throw std::runtime_error("secret-7f3a"); }
  void crash_oddly() { throw 42; }  // NOLINT(hicpp-exception-baseclass): applications do such things
  hubbub::task<int> fail_later(std::string message) {
    co_await hubbub::sleep(std::chrono::milliseconds(0));
    throw hubbub::hub_error(message);
  }
  hubbub::task<int> crash_later() {
    co_await hubbub::sleep(std::chrono::milliseconds(0));
    throw std::logic_error("secret-7f3a");
  }

  // Waiting
  hubbub::task<int> delay(int milliseconds) {
    co_await hubbub::sleep(std::chrono::milliseconds(milliseconds));
    about_.note("slept");
    co_return milliseconds;
  }
  hubbub::task<std::string> wait_at(std::string gate) {
    about_.note("waits at " + gate);
    co_await about_.gate(gate);
    about_.note("passed " + gate);
    co_return gate;
  }
  hubbub::task<bool> sleep_unless_cancelled(hubbub::cancellation cancel, std::string text) {
    try {
      co_await hubbub::sleep(std::chrono::hours(1));
    } catch (const hubbub::operation_cancelled&) {
      about_.note("cancelled " + text);
      if (text == "rethrow") throw;
    }
    co_return cancel.requested();
  }
  bool is_cancelled(hubbub::cancellation cancel) const { return cancel.requested(); }
  hubbub::task<std::string> read_file() {
    const std::string text = co_await hubbub::run_blocking([] { return std::string("from the pool"); });
    co_return home().is_current() ? text : "not at home";
  }
  hubbub::task<int> pour(std::string id, int times) {
    for (int i = 0; i < times; ++i) {
      co_await clients().client(id).send("Receive", std::string(1000, 'x'));
      ++poured_;
    }
    about_.note("poured");
    co_return times;
  }
  void start_background(std::string name) { spawn(background(name)); }

  // Sending
  void notify(std::string text) { clients().caller().send("Receive", text); }
  int burst(int times) {
    for (int i = 0; i < times; ++i) clients().caller().send("Receive", std::to_string(i));
    return times;
  }
  void broadcast(std::string text) { clients().all().send("Receive", text); }
  void broadcast_not_a_number() { clients().all().send("Receive", std::nan("")); }
  void send_nothing_much() { clients().caller().send("Receive", 1, note{"t", 2}, std::vector<int>{3}, nullptr, "c"); }
  void send_all_except(std::vector<std::string> ids, std::string text) {
    clients().all_except(ids).send("Receive", text);
  }
  void send_others(std::string text) { clients().others().send("Receive", text); }
  void send_client(std::string id, std::string text) { clients().client(id).send("Receive", text); }
  void send_clients(std::vector<std::string> ids, std::string text) { clients().clients(ids).send("Receive", text); }
  void send_group(std::string group, std::string text) { clients().group(group).send("Receive", text); }
  void send_group_except(std::string group, std::vector<std::string> ids, std::string text) {
    clients().group_except(group, ids).send("Receive", text);
  }
  void send_groups(std::vector<std::string> names, std::string text) { clients().groups(names).send("Receive", text); }
  void send_others_in_group(std::string group, std::string text) {
    clients().others_in_group(group).send("Receive", text);
  }
  void send_user(std::string user, std::string text) { clients().user(user).send("Receive", text); }
  void send_users(std::vector<std::string> users, std::string text) { clients().users(users).send("Receive", text); }

  // Groups
  hubbub::task<void> join(std::string group) { co_await groups().add(connection_id(), group); }
  hubbub::task<void> leave(std::string group) { co_await groups().remove(connection_id(), group); }
  hubbub::task<void> add_to(std::string id, std::string group) {
    co_await groups().add(id, group);
    clients().group(group).send("Receive", "added to " + group);
  }
  hubbub::task<void> remove_from(std::string id, std::string group) {
    co_await groups().remove(id, group);
    clients().group(group).send("Receive", "still in " + group);
  }

  // The connection
  std::string my_id() const { return connection_id(); }
  std::string my_user() const { return user_id(); }
  hubbub::task<std::string> my_user_at(std::string gate) {
    co_await about_.gate(gate);
    about_.note("user " + user_id() + " of " + connection_id().substr(0, 0) + request().path().data());
    co_return user_id();
  }
  std::string my_request() const {
    return std::string(request().path()) + " " + request().query("room").value_or("no room") + " " +
           request().remote_address() + " " + std::string(request().header("X-Kept").value_or("not kept")) + " " +
           std::string(request().header("X-Forgotten").value_or("gone"));
  }
  std::string header_seen_in_on_connected() const { return seen_header_; }
  int count_up() { return ++count_; }
  void remember(std::string name, std::string value) { items()[name] = value; }
  std::string recall(const std::string& name) {
    const auto found = items().find(name);
    return found == items().end() ? "nothing" : std::any_cast<std::string>(found->second);
  }
  void abort_me() { abort(); }
  hubbub::task<void> abort_and_go_on() {
    abort();
    about_.note(connection_aborted().requested() ? "aborted is requested" : "aborted is not requested");
    clients().others().send("Receive", std::string("still able to send"));
    try {
      co_await hubbub::sleep(std::chrono::hours(1));
    } catch (const hubbub::operation_cancelled&) {
      about_.note("wait after abort was cancelled");
    }
  }
  std::string anybody() const { return "anybody"; }
  std::string members() const { return "members"; }
  std::string kick() const { return "granted"; }
  std::string either() const { return "either"; }

  using methods = hubbub::methods<
      &story_hub::echo, &story_hub::echo_maybe, &story_hub::add_numbers, &story_hub::echo_note, &story_hub::nothing,
      &story_hub::nothing_later, &story_hub::echo_later, &story_hub::echo_by_reference, &story_hub::not_a_number,
      &story_hub::not_a_number_later, &story_hub::not_utf8, &story_hub::fail, &story_hub::crash,
      &story_hub::crash_oddly, &story_hub::fail_later, &story_hub::crash_later, &story_hub::delay, &story_hub::wait_at,
      &story_hub::sleep_unless_cancelled, &story_hub::is_cancelled, &story_hub::read_file, &story_hub::pour,
      &story_hub::start_background, &story_hub::notify, &story_hub::burst, &story_hub::broadcast,
      &story_hub::broadcast_not_a_number, &story_hub::send_nothing_much, &story_hub::send_all_except,
      &story_hub::send_others, &story_hub::send_client, &story_hub::send_clients, &story_hub::send_group,
      &story_hub::send_group_except, &story_hub::send_groups, &story_hub::send_others_in_group, &story_hub::send_user,
      &story_hub::send_users, &story_hub::join, &story_hub::leave, &story_hub::add_to, &story_hub::remove_from,
      hubbub::as<"ConnectionId">(&story_hub::my_id), hubbub::as<"UserId">(&story_hub::my_user), &story_hub::my_user_at,
      &story_hub::my_request, &story_hub::header_seen_in_on_connected, &story_hub::count_up, &story_hub::remember,
      &story_hub::recall, hubbub::as<"Abort">(&story_hub::abort_me), &story_hub::abort_and_go_on, &story_hub::anybody,
      hubbub::authorized<>(&story_hub::members), hubbub::authorized<"admin">(&story_hub::kick),
      hubbub::as<"EitherRole">(hubbub::authorized<"editor", "admin">(&story_hub::either)),
      hubbub::as<"Adults">(hubbub::authorized_by<&is_adult>(&story_hub::anybody))>;

 private:
  [[nodiscard]] std::string asked(std::string_view name) const { return request().query(name).value_or(std::string()); }
  hubbub::task<void> background(std::string name) {
    about_.note("background " + name + " begins");
    try {
      if (name == "throw") throw std::runtime_error("background is broken");
      if (name == "gate") co_await about_.gate("background");
      if (name != "gate") co_await hubbub::sleep(std::chrono::hours(1));
    } catch (const hubbub::operation_cancelled&) {
      about_.note("background " + name + " was cancelled");
      throw;
    }
    about_.note("background " + name + " ends");
  }

  world& about_;
  std::string seen_header_;
  int count_ = 0;
  int poured_ = 0;
};

}  // namespace hub_story
