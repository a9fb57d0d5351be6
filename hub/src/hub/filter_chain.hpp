// The filters of an endpoint in their order, and the ways through them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hubbub/core/task.hpp"
#include "hubbub/hub/filter.hpp"
#include "hubbub/hub/hub_type.hpp"

namespace hubbub::inline v0 {

/// The first one added is the outermost. Filled before the start; immutable and for any thread afterwards.
class filter_chain {
 public:
  void add(const std::vector<hub_filter>& more);

  /// There are filters around calls.
  [[nodiscard]] bool around_calls() const noexcept { return !calls_.empty(); }
  /// Something runs when a connection has opened, or has ended: filters, or the hub's own hook (null: none).
  [[nodiscard]] bool runs(hub_type::connected_hook hook) const noexcept { return hook != nullptr || !opens_.empty(); }
  [[nodiscard]] bool runs(hub_type::disconnected_hook hook) const noexcept { return hook != nullptr || !ends_.empty(); }

  /// What runs when a connection has opened. An empty task: it has run. The chain and `hub` outlive the task.
  task<void> connected(hub_base& hub, hub_type::connected_hook hook) const;
  /// The same for the end. `why` outlives the task.
  task<void> disconnected(hub_base& hub, const close_reason& why, hub_type::disconnected_hook hook) const;
  /// A call of a method, from the first filter to its completion.
  task<void> call(hub_invocation& call, running_invocation& record, detail::bound_call& bound) const;

 private:
  std::vector<hub_filter> all_;  // keeps them
  std::vector<hub_filter::hooks> calls_;
  std::vector<hub_filter::hooks> opens_;
  std::vector<hub_filter::hooks> ends_;
};

}  // namespace hubbub::inline v0
