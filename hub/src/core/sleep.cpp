// The wait of `sleep`: in the shard's timer queue and in the cancellation's list at the same time.
#include "hubbub/core/sleep.hpp"

#include <algorithm>

namespace hubbub::inline v0 {
namespace {

// Durations may come from clients: what nobody lives to see must not overflow the clock.
constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365 * 100);

}  // namespace

sleeping::~sleeping() {
  if (home_ != nullptr) home_->timers().remove(*this);
}

bool sleeping::start(std::coroutine_handle<> waiting, const task_context& context) {
  context_ = &context;
  home_ = context.home;
  waiting_ = waiting;
  if (context.cancel != nullptr) {
    if (context.cancel->requested()) {
      cancelled_ = true;
      return false;
    }
    context.cancel->add(*this);
  }
  home_->timers().add(*this, home_->time().now() + std::clamp(duration_, std::chrono::milliseconds(0), longest));
  return true;
}

void sleeping::on_due() {
  unlink();
  come_home(*context_, waiting_);
}

void sleeping::on_cancelled() {
  cancelled_ = true;
  home_->timers().remove(*this);
  come_home(*context_, waiting_);
}

}  // namespace hubbub::inline v0
