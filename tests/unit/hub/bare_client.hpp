// A client that is a link and nothing more: says what no client of the testing kit would say.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "hubbub/connection/connection.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "support/shards.hpp"

namespace hubbub_test {

/// Takes what is sent to it at the end of each turn, or nothing while it is `deaf`.
class bare_client final : public hubbub::link, private hubbub::turn_listener {
 public:
  bare_client(hand_shard& on, hubbub::hub_endpoint& hub)
      : on_(on), shop_(on.home.buffer()), connection_(new hubbub::connection(on.home, hub.limits())) {
    on_.home.add(static_cast<hubbub::turn_listener&>(*this));
    connection_->attach(*this, hubbub::rendering::payload);
    on_.turn([&] {
      hub.open(*connection_);
      connection_->deliver("{\"protocol\":\"json\",\"version\":1}\x1e");
    });
  }
  ~bare_client() {
    leave();
    on_.home.remove(static_cast<hubbub::turn_listener&>(*this));
  }
  /// Sends one message; the separator is added.
  void say(std::string_view message) {
    on_.turn([&] { connection_->deliver(std::string(message) + '\x1e'); });
  }
  /// The line breaks.
  void leave() {
    if (std::exchange(left_, true)) return;
    on_.turn([&] { connection_->ended({hubbub::close_cause::client_left, {}}); });
  }
  [[nodiscard]] std::string id() const { return connection_->id().text(); }

  bool deaf = false;
  std::string received;

  // link
  void wake() override {}
  void flush_now() override {}
  void finish(hubbub::ending) override {}
  void drop() override {}
  void pause_reading() override {}
  void resume_reading() override {}

 private:
  void on_turn_end() override {
    while (!deaf && !left_ && !connection_->waiting().empty()) {
      const hubbub::bytes_view next = connection_->waiting().next_write(shop_, 1, false);
      received += next;
      connection_->waiting().consume(next.size(), shop_);
    }
    shop_.settle();
    connection_->taken();
  }

  hand_shard& on_;
  hubbub::send_workshop shop_;
  hubbub::connection_ref connection_;
  bool left_ = false;
};

}  // namespace hubbub_test
