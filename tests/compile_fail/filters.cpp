// What is no filter.
#include <string>

#include "hubbub/hub.hpp"

struct good {
  hubbub::task<void> invoke(hubbub::hub_invocation&, hubbub::filter_next next) const { return next(); }
  hubbub::task<void> on_connected(hubbub::hub_base&, hubbub::filter_next next) noexcept { return next(); }
};
struct empty {};
struct stays_where_it_is : good {
  stays_where_it_is() = default;
  stays_where_it_is(const stays_where_it_is&) = delete;
};
struct takes_next_by_reference {
  hubbub::task<void> invoke(hubbub::hub_invocation&, const hubbub::filter_next& next) { return next(); }
};
struct gives_nothing {
  void invoke(hubbub::hub_invocation&, hubbub::filter_next) {}
};
struct wrong_connected {
  hubbub::task<void> invoke(hubbub::hub_invocation&, hubbub::filter_next next) { return next(); }
  hubbub::task<void> on_connected(hubbub::filter_next next) { return next(); }
};
struct wrong_disconnected {
  hubbub::task<void> on_disconnected(hubbub::hub_base&, hubbub::filter_next next) { return next(); }
};

int main() {
  const hubbub::hub_filter by_value = good();
  const hubbub::hub_filter function = [](hubbub::hub_invocation&, hubbub::filter_next next) { return next(); };
#ifdef CASE_EMPTY  // a filter has a hook
  const hubbub::hub_filter no_hook = empty();
#endif
#ifdef CASE_CANNOT_BE_MOVED  // this filter can neither be copied nor moved
  const hubbub::hub_filter unmovable = stays_where_it_is();
#endif
#ifdef CASE_TEXT  // a filter has a hook
  const hubbub::hub_filter text = std::string("text");
#endif
#ifdef CASE_NEXT_BY_REFERENCE  // a filter's invoke is declared as task<void> invoke(hub_invocation& call, filter_next
                               // next)
  const hubbub::hub_filter by_reference = takes_next_by_reference();
#endif
#ifdef CASE_NO_TASK  // a filter's invoke is declared as
  const hubbub::hub_filter no_task = gives_nothing();
#endif
#ifdef CASE_WRONG_CONNECTED  // a filter's on_connected is declared as
  const hubbub::hub_filter connected = wrong_connected();
#endif
#ifdef CASE_WRONG_DISCONNECTED  // a filter's on_disconnected is declared as
  const hubbub::hub_filter disconnected = wrong_disconnected();
#endif
  return by_value.around().object == function.around().object;
}
