// Walking through filters: each is entered by the one before it, and the method or hook by the last one.
#include "filter_chain.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <utility>

#include "hub_connection.hpp"
#include "hub_shard.hpp"
#include "hubbub/hub/invocation.hpp"

namespace hubbub::inline v0 {
namespace {

task<void> nothing() { co_return; }

std::string readable(const std::type_info& type) {
  int status = 0;
  char* text = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string name = status == 0 ? text : type.name();
  std::free(text);
  return name;
}

}  // namespace

/// One way through the filters around something. Lives in the frame of the coroutine that waits for all of it.
class detail::filter_walk {
 public:
  filter_walk(const filter_walk&) = delete;
  filter_walk& operator=(const filter_walk&) = delete;

  /// Enters the filter of that index, or what stands behind the last one. Gives a task that can be awaited.
  task<void> enter(std::size_t index) {
    if (index != entered_) throw std::logic_error("hubbub: a filter called next() twice");
    ++entered_;
    task<void> work = index < filters_.size() ? run(filters_[index], filter_next(*this, index + 1)) : end();
    return work ? std::move(work) : nothing();
  }

 protected:
  explicit filter_walk(const std::vector<hub_filter::hooks>& filters) noexcept : filters_(filters) {}
  ~filter_walk() = default;

 private:
  virtual task<void> run(const hub_filter::hooks& filter, filter_next next) = 0;
  virtual task<void> end() = 0;

  const std::vector<hub_filter::hooks>& filters_;
  std::size_t entered_ = 0;
};

task<void> filter_next::operator()() const { return walk_->enter(index_); }

namespace {

class walk_of_call final : public detail::filter_walk {
 public:
  walk_of_call(const std::vector<hub_filter::hooks>& filters, hub_invocation& call, detail::bound_call& bound) noexcept
      : filter_walk(filters), call_(call), bound_(bound) {}

 private:
  task<void> run(const hub_filter::hooks& filter, filter_next next) override {
    return filter.invoke(filter.object, call_, next);
  }
  task<void> end() override { return bound_.call(); }

  hub_invocation& call_;
  detail::bound_call& bound_;
};

class walk_of_opening final : public detail::filter_walk {
 public:
  walk_of_opening(const std::vector<hub_filter::hooks>& filters, hub_base& hub, hub_type::connected_hook hook) noexcept
      : filter_walk(filters), hub_(hub), hook_(hook) {}

 private:
  task<void> run(const hub_filter::hooks& filter, filter_next next) override {
    return filter.connected(filter.object, hub_, next);
  }
  task<void> end() override { return hook_ == nullptr ? task<void>() : hook_(hub_); }

  hub_base& hub_;
  hub_type::connected_hook hook_;
};

class walk_of_ending final : public detail::filter_walk {
 public:
  walk_of_ending(const std::vector<hub_filter::hooks>& filters, hub_base& hub, const close_reason& why,
                 hub_type::disconnected_hook hook) noexcept
      : filter_walk(filters), hub_(hub), why_(why), hook_(hook) {}

 private:
  task<void> run(const hub_filter::hooks& filter, filter_next next) override {
    return filter.disconnected(filter.object, hub_, why_, next);
  }
  task<void> end() override { return hook_ == nullptr ? task<void>() : hook_(hub_, why_); }

  hub_base& hub_;
  const close_reason& why_;
  hub_type::disconnected_hook hook_;
};

task<void> open_filtered(const std::vector<hub_filter::hooks>& filters, hub_base& hub, hub_type::connected_hook hook) {
  walk_of_opening walk(filters, hub, hook);
  auto work = walk.enter(0);
  co_await std::move(work);
}

task<void> end_filtered(const std::vector<hub_filter::hooks>& filters, hub_base& hub, const close_reason& why,
                        hub_type::disconnected_hook hook) {
  walk_of_ending walk(filters, hub, why, hook);
  auto work = walk.enter(0);
  co_await std::move(work);
}

// What `bound` holds dies before the record, whose end may be that of the hub.
driver drive_filtered(task_context&, std::unique_ptr<running_invocation> record, std::unique_ptr<hub_invocation> call,
                      std::unique_ptr<detail::bound_call> bound, const filter_chain& filters) {
  std::exception_ptr error;
  try {
    auto work = filters.call(*call, *record, *bound);
    co_await std::move(work);
  } catch (...) {
    error = std::current_exception();
  }
  if (error != nullptr) record->fail(std::move(error));
}

}  // namespace

void filter_chain::add(const std::vector<hub_filter>& more) {
  for (const hub_filter& one : more) {
    all_.push_back(one);
    const hub_filter::hooks& around = one.around();
    if (around.invoke != nullptr) calls_.push_back(around);
    if (around.connected != nullptr) opens_.push_back(around);
    if (around.disconnected != nullptr) ends_.push_back(around);
  }
}

task<void> filter_chain::connected(hub_base& hub, hub_type::connected_hook hook) const {
  return opens_.empty() ? hook(hub) : open_filtered(opens_, hub, hook);
}

task<void> filter_chain::disconnected(hub_base& hub, const close_reason& why, hub_type::disconnected_hook hook) const {
  return ends_.empty() ? hook(hub, why) : end_filtered(ends_, hub, why, hook);
}

task<void> filter_chain::call(hub_invocation& call, running_invocation& record, detail::bound_call& bound) const {
  walk_of_call walk(calls_, call, bound);
  auto work = walk.enter(0);
  co_await std::move(work);
  auto rest = bound.complete(record);
  if (rest) co_await std::move(rest);
}

void invocation::filter(hub_base& hub, std::unique_ptr<running_invocation> record,
                        std::unique_ptr<detail::bound_call> bound) {
  auto call = std::make_unique<hub_invocation>(hub, method_, *record, *bound, connection_.protocol(),
                                               std::string(message_.headers));
  task_context& context = *record;
  drive_filtered(context, std::move(record), std::move(call), std::move(bound),
                 connection_.place().definition().filters);
}

const std::string& hub_invocation::id() const noexcept { return record_.invocation_id(); }

const message_headers& hub_invocation::headers() {
  if (!headers_) headers_ = read_headers(protocol_, encoded_headers_);
  return *headers_;
}

void hub_invocation::refuse_result(const std::type_info& given) const {
  const std::type_info& wanted = *bound_.result().type;
  throw std::invalid_argument("hubbub: the result of " + std::string(method_.name) + " is a " + readable(wanted) +
                              ", not a " + readable(given));
}

}  // namespace hubbub::inline v0
