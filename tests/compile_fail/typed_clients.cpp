// What typed clients refuse.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hubbub/hub.hpp"

struct message {
  std::string text;
};
HUBBUB_FIELDS(message, text)
struct opaque {};

inline constexpr hubbub::event<"Said", std::string, message> said;
inline constexpr hubbub::event<"Counted", std::int64_t, double, std::optional<int>> counted;
inline constexpr hubbub::event<"Left"> left;
inline constexpr hubbub::client_method<"Confirm", bool(std::string)> confirm;
inline constexpr hubbub::event<"Foreign", int> foreign;
inline constexpr hubbub::client_method<"Count", int(int)> foreign_method;

class typed_hub : public hubbub::hub<typed_hub> {
 public:
  using client = hubbub::client_interface<said, counted, left, confirm>;

  hubbub::task<void> good() {
    clients().all().send(said, "a", message{"b"});
    clients().group("g").send(said, std::string("a"), message{"b"});
    clients().others().send(counted, 1, 2.5F, 3);
    clients().others().send(counted, 1U, 2, std::nullopt);
    clients().caller().send(left);
    hub_base::clients().all().send("Anything", 1, opaque_text_);
    auto call = clients().caller().invoke(confirm, "sure?");
    const bool yes = co_await call;
    if (yes) clients().client(connection_id()).send(left);
  }
  hubbub::task<void> bad() {
#ifdef CASE_WRONG_TYPE  // the first argument is not what the client's function was declared with
    clients().all().send(said, 5, message{});
#endif
#ifdef CASE_WRONG_SECOND_TYPE  // the second argument is not what the client's function was declared with
    clients().all().send(said, "a", "b");
#endif
#ifdef CASE_TOO_FEW  // was declared with another number of arguments
    clients().all().send(said, "a");
#endif
#ifdef CASE_TOO_MANY  // was declared with another number of arguments
    clients().all().send(left, 1);
#endif
#ifdef CASE_LOSSY_NUMBER  // the first argument is not what the client's function was declared with
    clients().all().send(counted, 1.5, 2.5, 3);
#endif
#ifdef CASE_LOSSY_OPTIONAL  // the third argument is not what the client's function was declared with
    clients().all().send(counted, 1, 2.5, 3.5);
#endif
#ifdef CASE_BOOL_FOR_A_NUMBER  // the first argument is not what the client's function was declared with
    clients().all().send(counted, true, 2.5, 3);
#endif
#ifdef CASE_FOREIGN_EVENT  // client interface does not list this event
    clients().all().send(foreign, 1);
#endif
#ifdef CASE_TEXT  // this hub has a client interface
    clients().all().send("Said", "a", message{});
#endif
#ifdef CASE_METHOD_SENT  // a client_method is invoked, at one client
    clients().all().send(confirm, "sure?");
#endif
#ifdef CASE_INVOKE_WRONG_TYPE  // the first argument is not what the client's function was declared with
    std::ignore = co_await clients().caller().invoke(confirm, 5);
#endif
#ifdef CASE_FOREIGN_METHOD  // client interface does not list this client_method
    std::ignore = co_await clients().caller().invoke(foreign_method, 5);
#endif
    co_return;
  }
  using methods = hubbub::methods<&typed_hub::good, &typed_hub::bad>;

 private:
  std::string opaque_text_;
};

#ifdef CASE_UNWRITABLE_EVENT  // an argument of this event cannot be written
inline constexpr hubbub::event<"Bad", opaque> unwritable;
const auto name_of_it = unwritable.name();
#endif
#ifdef CASE_SAME_NAMES  // two members of a client_interface have the same name
inline constexpr hubbub::event<"said"> said_again;
using same_names = hubbub::client_interface<said, said_again>;
constexpr bool lists = same_names::has<hubbub::event<"said">>;
#endif
#ifdef CASE_NO_EVENT  // a client_interface lists events and client_methods
using no_event = hubbub::client_interface<5>;
constexpr bool lists_five = no_event::has<int>;
#endif

void from_outside(const hubbub::hub_context<typed_hub>& context) {
  context.clients().all().send(said, "a", message{});
#ifdef CASE_CONTEXT  // the second argument is not what the client's function was declared with
  context.clients().all().send(said, "a", 5);
#endif
}

// A hub without an interface takes events as well as names.
class open_hub : public hubbub::hub<open_hub> {
 public:
  void say() {
    clients().all().send(said, "a", message{});
    clients().all().send("Anything", 5);
#ifdef CASE_OPEN_HUB  // the first argument is not what the client's function was declared with
    clients().all().send(said, 5, message{});
#endif
  }
  using methods = hubbub::methods<&open_hub::say>;
};

int main() {
  hubbub::hub_host host;
  return hubbub::make_hub_endpoint<typed_hub>(host) == nullptr || hubbub::make_hub_endpoint<open_hub>(host) == nullptr;
}
