// The event loop of a shard: mailbox, timers and sweeps around one io_context.
#include "hubbub/core/shard.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>

#include "hubbub/core/shard_loop.hpp"

namespace hubbub::inline v0 {
namespace {

thread_local shard* current_shard = nullptr;

class silent_logger final : public logger {
 public:
  [[nodiscard]] log_level threshold() const noexcept override { return log_level::off; }
  void write(log_level, std::string_view, std::string_view) noexcept override {}
};

constexpr auto sweep_interval = std::chrono::milliseconds(100);
constexpr unsigned sweep_parts = 10;

}  // namespace

shard::shard(shard_settings settings)
    : settings_(std::move(settings)),
      native_(std::make_unique<native>()),
      ticks_(tick_clock::machine()),
      slow_ticks_(settings_.slow_call.count() == 0
                      ? ~std::uint64_t{0}
                      : ticks_.ticks(std::chrono::duration<double>(settings_.slow_call).count())) {
  if (settings_.time == nullptr) settings_.time = &machine_clock();
  if (settings_.log == nullptr) settings_.log = std::make_shared<silent_logger>();
  now_ = settings_.time->now();
  next_sweep_ = now_ + sweep_interval;
}

shard::~shard() {
  // Jobs that never ran may own things that look for their shard while they die.
  shard* before = std::exchange(current_shard, this);
  {
    std::vector<job> unread;
    {
      std::lock_guard lock(native_->mutex);
      unread.swap(native_->mail);
    }
  }
  deferred_.clear();
  current_shard = before;
}

shard* shard::current() noexcept { return current_shard; }

void shard::run() {
  shard* before = std::exchange(current_shard, this);
  turn([] {});
  arm_timer();
  native_->context.restart();
  if (!stopped()) native_->context.run();
  current_shard = before;
}

void shard::stop() noexcept {
  native_->stopped.store(true, std::memory_order_release);
  native_->context.stop();
}

bool shard::stopped() const noexcept { return native_->stopped.load(std::memory_order_acquire); }

bool shard::poll() {
  shard* before = std::exchange(current_shard, this);
  native_->context.restart();
  bool any = native_->context.poll() != 0;
  if (run_ready()) any = true;
  current_shard = before;
  return any;
}

bool shard::post(job work, std::size_t weight) {
  bool wake = false;
  {
    std::lock_guard lock(native_->mutex);
    if (weight != 0 && native_->weight + weight > settings_.mailbox_limit) {
      native_->lost_jobs.add();
      return false;
    }
    native_->weight += weight;
    wake = native_->mail.empty();
    native_->mail.push_back(std::move(work));
    native_->waiting_jobs.set(native_->mail.size());
    native_->waiting_bytes.set(native_->weight);
  }
  if (!wake) return true;  // somebody has rung already
  native_->has_mail.store(true, std::memory_order_release);
  if (!is_current() || !in_turn()) boost::asio::post(native_->context, [this] { run_ready(); });
  return true;
}

mailbox_depth shard::mailbox() const noexcept {
  return {native_->waiting_jobs.read(), native_->waiting_bytes.read(), native_->lost_jobs.read()};
}

void shard::defer(job work) {
  deferred_.push_back(std::move(work));
  if (!in_turn()) want_turn();
}

void shard::resume_later(std::coroutine_handle<> waiting, std::string_view name) {
  resumable_.emplace_back(waiting, name);
  if (!in_turn()) want_turn();
}

void shard::resume(std::coroutine_handle<> waiting, std::string_view name) {
  watched(name, [this, waiting] { run_chain(waiting); });
}

void shard::report_slow(std::string_view name, std::uint64_t ticks) {
  const auto milliseconds = static_cast<long long>(ticks_.seconds(ticks) * 1000);
  log().write(
      log_level::warning, "shard",
      "'" + printable(name) + "' held shard " + std::to_string(index()) + " for " + std::to_string(milliseconds) +
          " ms and everybody on it waited; use run_blocking for work that blocks (server option slow_call_warning)");
}

void shard::want_turn() {
  boost::asio::post(native_->context, [this] { turn([] {}); });
}

bool shard::take_mail() {
  if (!native_->has_mail.load(std::memory_order_acquire)) return false;
  native_->has_mail.store(false, std::memory_order_relaxed);
  {
    std::lock_guard lock(native_->mutex);
    native_->mail.swap(native_->reading);
    native_->weight = 0;
    native_->waiting_jobs.set(0);
    native_->waiting_bytes.set(0);
  }
  for (job& work : native_->reading) {
    try {
      work();
    } catch (...) {
      report_escaped();
    }
    work = job();
  }
  native_->reading.clear();
  return true;
}

bool shard::run_ready() {
  const auto next = timers_.next();
  const time_point now = settings_.time->now();
  const bool due = (next && *next <= now) || now >= next_sweep_;
  if (!due && !native_->has_mail.load(std::memory_order_acquire)) return false;
  turn([this] {
    take_mail();
    try {
      timers_.run_due(now_);
    } catch (...) {
      report_escaped();
    }
    run_sweeps();
  });
  return true;
}

void shard::run_sweeps() {
  if (now_ < next_sweep_) return;
  next_sweep_ = std::max(next_sweep_ + sweep_interval, now_ + sweep_interval / 2);
  const unsigned part = sweep_part_;
  sweep_part_ = (sweep_part_ + 1) % sweep_parts;
  // An exception (memory ran out, most likely) must not take the shard's thread with it, nor the sweeps of others.
  for (std::size_t i = 0; i < sweepers_.size(); ++i) {
    try {
      sweepers_[i]->sweep(part, sweep_parts, now_);
    } catch (...) {
      report_escaped();
    }
  }
}

void shard::run_deferred() {
  // What deferred work makes ready joins in, but a circle of it must not keep the turn from ending.
  for (int round = 0; round < 64 && (!deferred_.empty() || !resumable_.empty()); ++round) {
    std::vector<job> work;
    work.swap(deferred_);
    for (job& one : work) {
      try {
        one();
      } catch (...) {
        report_escaped();
      }
    }
    std::vector<std::pair<std::coroutine_handle<>, std::string_view>> waiting;
    waiting.swap(resumable_);
    for (const auto& [one, name] : waiting) resume(one, name);
  }
}

void shard::leave_turn() {
  if (depth_ == 1) {
    if (!deferred_.empty() || !resumable_.empty()) run_deferred();
    for (std::size_t i = 0; i < listeners_.size(); ++i) listeners_[i]->on_turn_end();
    buffer_.trim();
    if (!deferred_.empty() || !resumable_.empty()) want_turn();
    arm_timer();
    // Mail to oneself was not rung for: the turn that follows takes it.
    if (native_->has_mail.load(std::memory_order_acquire)) boost::asio::post(native_->context, [this] { run_ready(); });
  }
  --depth_;
}

void shard::arm_timer() {
  if (!settings_.time->runs_by_itself()) return;
  time_point due = sweepers_.empty() ? time_point::max() : next_sweep_;
  if (const auto next = timers_.next()) due = std::min(due, *next);
  if (due >= native_->armed_for || due == time_point::max()) return;
  native_->armed_for = due;
  native_->timer.expires_at(due);
  native_->timer.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // armed anew for an earlier instant
    native_->armed_for = time_point::max();
    if (!run_ready()) turn([] {});
  });
}

void shard::cancel_spawned() {
  const std::vector<cancellation_state*> all(spawned_.begin(), spawned_.end());
  for (cancellation_state* one : all) one->cancel();  // their waits resume later in the turn
}

void shard::add(turn_listener& listener) { listeners_.push_back(&listener); }
void shard::remove(turn_listener& listener) noexcept { std::erase(listeners_, &listener); }
void shard::add(sweeper& looks_after) {
  sweepers_.push_back(&looks_after);
  next_sweep_ = std::min(next_sweep_, now_ + sweep_interval);
  if (!in_turn()) arm_timer();
}
void shard::remove(sweeper& looks_after) noexcept { std::erase(sweepers_, &looks_after); }

void shard::report_escaped() noexcept {
  try {
    throw;
  } catch (const std::exception& error) {
    log().write(log_level::error, "shard",
                "an exception escaped from work of the shard: " + printable(error.what(), 1000));
  } catch (...) {
    log().write(log_level::error, "shard", "an exception of unknown type escaped from work of the shard");
  }
}

}  // namespace hubbub::inline v0
