// Filters and headers of messages through the testing kit.
#include "kit_hub.hpp"

namespace {

using namespace kit_story;

class kit_filters : public on_a_host {};
KIT_PROTOCOLS(kit_filters);

// What a user would test: counts, lets some pass, and asks for a header.
struct counting_filter {
  std::map<std::string, int> calls;
  hubbub::task<void> invoke(hubbub::hub_invocation& call, hubbub::filter_next next) {
    ++calls[std::string(call.method())];
    if (call.method() == "Kick" && !call.headers().get("reason")) throw hubbub::hub_error("say why");
    co_await next();
  }
};

TEST_P(kit_filters, of_a_mapping_and_of_the_host) {
  const auto counts = std::make_shared<counting_filter>();
  settings.add_filter(counts);
  texts order;
  host.add_filter([&order, counts](hubbub::hub_invocation& call, hubbub::filter_next next) {
    order.push_back("host before " + std::to_string(counts->calls[std::string(call.method())]));
    return next();
  });
  kit::client ada = host.connect();

  EXPECT_EQ(ada.invoke<int>("Add", 2, 3), 5);
  EXPECT_EQ(ada.stream<int>("Count", 3).all(), (std::vector<int>{0, 1, 2}));

  EXPECT_EQ(order, (texts{"host before 0", "host before 0"}));
  EXPECT_EQ(counts->calls["Add"], 1);
  EXPECT_EQ(counts->calls["Count"], 1);
  EXPECT_THROW(host.add_filter(counts), std::logic_error);
  EXPECT_THROW(hubbub::hub_filter(std::shared_ptr<counting_filter>()), std::invalid_argument);
}

TEST_P(kit_filters, see_the_headers_that_a_client_sends) {
  settings.add_filter(counting_filter());
  kit::client ada = host.connect({.roles = {"admin"}});
  EXPECT_EQ(text_of<kit::invocation_error>([&] { ada.invoke("Kick"); }),
            "An unexpected error occurred invoking 'Kick' on the server. HubException: say why");

  ada.send_message_headers({{"reason", "rude \"words\""}, {"other", "\u00fc"}});
  ada.invoke("Kick");
  ada.send_message_headers({});

  EXPECT_THROW(ada.invoke("Kick"), kit::invocation_error);
}

}  // namespace
