// At the home of a connection: which poll or POST it takes, and what all the others hear (transports.md 5, 8 to 10).
#include "endpoint/home_request.hpp"

#include <string>
#include <tuple>
#include <utility>

#include "endpoint/changed_user.hpp"
#include "endpoint/post_queue.hpp"
#include "long_polling/long_polling_link.hpp"
#include "shard_server.hpp"
#include "site.hpp"

namespace hubbub::inline v0 {
namespace {

class at_home {
 public:
  at_home(shard_server& home, home_request& asked)
      : home_(home), asked_(asked), number_(home.table().find(asked.bits, *asked.hub)) {}

  void serve() {
    if (number_ == connection_table::nowhere) return say(404, "No Connection with that ID");
    switch (asked_.what) {
      case home_request::kind::poll: return poll();
      case home_request::kind::post: return post();
      case home_request::kind::delivered_post: return entry().posts->hold(asked_.from);
      case home_request::kind::remove: return remove();
    }
  }

 private:
  [[nodiscard]] connection_table::entry& entry() const noexcept { return home_.table().at(number_); }
  void say(int status, std::string text = {}) {
    const bool of_poll = asked_.what == home_request::kind::poll;
    answer_later(home_, asked_.from, {.status = status, .of_poll = of_poll, .body = std::move(text)});
  }

  void poll() {
    if (!asked_.hub->transports.long_polling) {
      return say(404, "LongPolling transport not supported by this end point type");
    }
    if (entry().carried_by == transport_kind::long_polling) {
      if (!accepts_user(home_, *asked_.hub, *entry().who, asked_.who.get(), "a poll")) return say(403);
      if (asked_.who != nullptr) entry().who->renew_authentication(asked_.who->expires_at());
    } else {
      if (entry().carried_by) return say(400, "Cannot change transports mid-connection");
      if (home_.whole().stopping.load(std::memory_order_relaxed)) return say(503, "The server is stopping");
      begin();
    }
    entry().polling->poll(asked_.from);
  }

  void begin() {
    home_.table().attached(number_, transport_kind::long_polling);
    connection_table::entry& fresh = entry();
    if (asked_.who != nullptr) fresh.who->set_user(std::move(asked_.who));
    fresh.who->set_request(std::move(asked_.asked));
    fresh.who->set_inherent_keep_alive(true);
    fresh.who->set_stateful(false);
    std::ignore = home_.posts_of(number_);  // made now: the link counts on it
    fresh.polling = std::make_unique<long_polling_link>(home_, *fresh.who, number_, *fresh.hub);
  }

  void post() {
    if (entry().carried_by == transport_kind::web_sockets) {
      return say(405, std::string(no_posts));
    }
    if (entry().who->finished()) return say(404);  // it has ended, and its last words are on their way
    home_.posts_of(number_).accept(std::move(asked_.asked), asked_.from);
  }

  void remove() {
    if (entry().carried_by != transport_kind::long_polling) {
      return say(400, "Cannot terminate this connection using the DELETE endpoint.");
    }
    say(202);
    home_.table().forget(number_);
    entry().polling->remove();
  }

  shard_server& home_;
  home_request& asked_;
  std::uint32_t number_;
};

}  // namespace

void serve_at_home(shard_server& home, home_request asked) { at_home(home, asked).serve(); }

}  // namespace hubbub::inline v0
