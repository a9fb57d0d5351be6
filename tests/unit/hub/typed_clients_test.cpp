// Typed clients: what is declared is what is on the wire. What does not compile is in tests/compile_fail.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "hubbub/hub/client_interface.hpp"
#include "hubbub/testing.hpp"

namespace typed_story {

namespace kit = hubbub::testing;

struct message {
  std::string text;
  int stars = 0;
};
HUBBUB_FIELDS(message, text, stars)

inline constexpr hubbub::event<"Said", std::string, message> said;
inline constexpr hubbub::event<"Counted", std::int64_t, double, std::optional<int>> counted;
inline constexpr hubbub::event<"Left"> left;
inline constexpr hubbub::client_method<"Confirm", bool(std::string, int)> confirm;

class typed_hub : public hubbub::hub<typed_hub> {
 public:
  using client = hubbub::client_interface<said, counted, left, confirm>;

  hubbub::task<void> join(std::string group) { co_await groups().add(connection_id(), group); }
  void say(std::string text) {
    const std::string_view view = text;
    clients().all().send(said, view, message{text, 5});
    clients().group("g").send(said, "group", message{"g", 1});
    clients().others().send(left);
    clients().user("ada").send(left);
  }
  void say_nothing() {
    const char* nobody = nullptr;
    clients().caller().send(said, nobody, message{});
  }
  void count() {
    clients().caller().send(counted, 1, 2, std::nullopt);
    clients().caller().send(counted, std::uint8_t{3}, 2.5F, 7);
  }
  hubbub::task<bool> ask() {
    auto call = clients().caller().invoke(confirm, "sure?", 3);
    const bool yes = co_await call;
    co_return yes;
  }
  void anything() { hub_base::clients().caller().send("Anything", 1); }

  using methods = hubbub::methods<&typed_hub::join, &typed_hub::say, &typed_hub::say_nothing, &typed_hub::count,
                                  &typed_hub::ask, &typed_hub::anything>;
};

class open_hub : public hubbub::hub<open_hub> {
 public:
  void say(std::string text) {
    clients().caller().send(said, text, message{text, 5});
    clients().caller().send("Anything", 1);
  }
  hubbub::task<bool> ask() {
    auto call = clients().caller().invoke(confirm, std::string("sure?"), short{3});
    const bool yes = co_await call;
    co_return yes;
  }
  using methods = hubbub::methods<&open_hub::say, &open_hub::ask>;
};

class typed_clients : public testing::TestWithParam<hubbub::protocol_kind> {
 protected:
  kit::host host{{.protocol = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(speak, typed_clients,
                         testing::Values(hubbub::protocol_kind::json, hubbub::protocol_kind::messagepack),
                         [](const auto& one) {
                           return one.param == hubbub::protocol_kind::json ? "json" : "messagepack";
                         });

std::string text_of(const std::tuple<std::string, message>& came) {
  return std::get<0>(came) + " " + std::get<1>(came).text + " " + std::to_string(std::get<1>(came).stars);
}

TEST_P(typed_clients, receive_what_was_declared) {
  host.map<typed_hub>();
  kit::client ada = host.connect({.user_id = "ada"});
  kit::client ben = host.connect();
  ben.invoke("Join", "g");

  ben.invoke("Say", "hi");

  EXPECT_EQ(text_of(ada.expect<std::string, message>("Said")), "hi hi 5");
  ada.expect("Left");
  ada.expect("Left");
  EXPECT_EQ(text_of(ben.expect<std::string, message>("Said")), "hi hi 5");
  EXPECT_EQ(text_of(ben.expect<std::string, message>("Said")), "group g 1");
  ben.invoke("SayNothing");
  EXPECT_EQ(ben.events(), (std::vector<std::string>{R"(Said(null, {"text": "", "stars": 0}))"}));
  ben.forget_events();
  ben.invoke("Count");
  EXPECT_EQ(ben.events(), (std::vector<std::string>{"Counted(1, 2, null)", "Counted(3, 2.5, 7)"}));
}

TEST_P(typed_clients, are_asked_for_what_was_declared) {
  host.map<typed_hub>();
  kit::client ada = host.connect();
  ada.on("Confirm", [](const std::string& question, int times) { return question == "sure?" && times == 3; });

  EXPECT_TRUE(ada.invoke<bool>("Ask"));
  ada.invoke("Anything");
  EXPECT_EQ(ada.expect<int>("Anything"), 1);
}

TEST_P(typed_clients, are_reached_from_outside_too) {
  host.map<typed_hub>();
  kit::client ada = host.connect();

  host.context<typed_hub>().clients().all().send(said, "news", message{"m", 2});
  host.context<typed_hub>().clients().client(ada.id()).send(left);
  host.settle();

  EXPECT_EQ(text_of(ada.expect<std::string, message>("Said")), "news m 2");
  ada.expect("Left");
}

TEST_P(typed_clients, of_hubs_without_an_interface_take_events_and_names) {
  host.map<open_hub>();
  kit::client ada = host.connect();
  ada.on("Confirm", [](const std::string&, int times) { return times == 3; });

  ada.invoke("Say", "hi");

  EXPECT_EQ(text_of(ada.expect<std::string, message>("Said")), "hi hi 5");
  EXPECT_EQ(ada.expect<int>("Anything"), 1);
  EXPECT_TRUE(ada.invoke<bool>("Ask"));
}

TEST(client_interfaces, know_their_members) {
  static_assert(typed_hub::client::has<std::remove_const_t<decltype(said)>>);
  static_assert(typed_hub::client::has<std::remove_const_t<decltype(confirm)>>);
  static_assert(!typed_hub::client::has<hubbub::event<"Said", std::string>>);
  EXPECT_EQ(said.name(), "Said");
  EXPECT_EQ(confirm.name(), "Confirm");
}

TEST(arguments_of_events, fit_without_loss) {
  using hubbub::detail::fits;
  static_assert(fits<std::int64_t, int>() && fits<int, std::uint16_t>() && fits<unsigned, std::uint8_t>());
  static_assert(!fits<int, std::int64_t>() && !fits<unsigned, int>() && !fits<int, unsigned>() && !fits<int, double>());
  static_assert(fits<double, int>() && fits<double, float>() && !fits<float, double>());
  static_assert(fits<bool, bool>() && !fits<bool, int>() && !fits<int, bool>() && !fits<double, bool>());
  static_assert(fits<std::string, char[3]>() && fits<std::string, const char*>() && !fits<std::string, int>());
  static_assert(fits<std::optional<int>, int>() && fits<std::optional<int>, std::nullopt_t>());
  static_assert(fits<std::optional<std::int64_t>, std::optional<int>>() && !fits<std::optional<int>, double>());
  static_assert(!fits<std::vector<int>, std::vector<double>>() && fits<std::vector<int>, std::vector<int>>());
}

}  // namespace typed_story
