// The echo behind transports.
#include "echo_handler.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace hubbub_test {

class echo_handler::receiver final : public hubbub::connection_receiver {
 public:
  receiver(echo_handler& owner, hubbub::connection& who) : owner_(owner), who_(&who) {}
  void on_bytes(hubbub::bytes_view received) override {
    if (owner_.on_bytes_) return owner_.on_bytes_(*who_, received);
    who_->send_copy(received);
  }
  void on_closed(hubbub::close_reason why) override { owner_.ended(*this, std::move(why)); }
  void on_removed() override {
    who_->send_copy("goodbye");
    who_->finish(hubbub::ending::normal);
    owner_.ended(*this, {hubbub::close_cause::client_closed, {}});
  }
  void on_outbox_full() override {
    who_->drop();
    owner_.ended(*this, {hubbub::close_cause::outbox_full, {}});
  }
  void on_drained() override {}
  [[nodiscard]] hubbub::connection& who() const noexcept { return *who_; }

 private:
  echo_handler& owner_;
  hubbub::connection_ref who_;
};

echo_handler::echo_handler(hubbub::connection_limits limits, receive on_bytes)
    : limits_(limits), on_bytes_(std::move(on_bytes)) {}

echo_handler::~echo_handler() = default;

void echo_handler::open(hubbub::connection& fresh) {
  auto made = std::make_unique<receiver>(*this, fresh);
  fresh.set_receiver(made.get());
  const std::lock_guard lock(mutex_);
  shards_used_.insert(fresh.home().index());
  receiver* const key = made.get();
  open_.emplace(key, std::move(made));
}

void echo_handler::ended(receiver& over, hubbub::close_reason why) {
  // The caller still stands on the receiver, and its connection dies on its shard.
  std::unique_ptr<receiver> doomed;
  hubbub::shard& home = over.who().home();
  {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(&over);
    if (found == open_.end()) return;
    doomed = std::move(found->second);
    open_.erase(found);
    ends_.push_back(std::move(why));
    changed_.notify_all();
  }
  home.defer([doomed = std::move(doomed)] {});
}

void echo_handler::say_goodbye(hubbub::shard& home) {
  std::vector<receiver*> here;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [one, owned] : open_) {
      if (&one->who().home() == &home) here.push_back(one);
    }
  }
  for (receiver* one : here) {
    one->who().send_copy("goodbye");
    one->who().finish(hubbub::ending::normal);
    ended(*one, {hubbub::close_cause::server_stopping, {}});
  }
}

std::size_t echo_handler::busy(hubbub::shard& home) const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [one, owned] : open_) {
    if (&one->who().home() == &home) ++count;
  }
  return count;
}

hubbub::close_reason echo_handler::next_end() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, std::chrono::seconds(30), [this] { return !ends_.empty(); })) {
    throw std::runtime_error("no connection ended");
  }
  hubbub::close_reason first = std::move(ends_.front());
  ends_.erase(ends_.begin());
  return first;
}

std::size_t echo_handler::open_now() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

std::set<unsigned> echo_handler::shards_used() const {
  const std::lock_guard lock(mutex_);
  return shards_used_;
}

}  // namespace hubbub_test
