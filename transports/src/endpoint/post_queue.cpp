// The order of POSTs, and who waits for what.
#include "endpoint/post_queue.hpp"

#include <cstddef>
#include <utility>

#include "shard_server.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr std::size_t early_room = 64 * 1024;           // bytes taken before a transport has come (transports.md 9, 12)
constexpr std::size_t most_waiting = 16 * 1024 * 1024;  // bytes of a client that keeps sending while nothing is taken
constexpr std::size_t most_requests = 256;

}  // namespace

post_queue::~post_queue() {
  home_.agenda().remove(*this);
  for (std::size_t i = next_; i < waiting_.size(); ++i) answer(waiting_[i].from, 404);
  for (const request_ticket& one : held_) answer(one, 404);
}

void post_queue::answer(const request_ticket& to, int status) {
  if (to) answer_later(home_, to, {.status = status});
}

bool post_queue::deliver_now(bytes_view body) {
  if (!open_ || paused_ || !idle() || connection_.finished()) return false;
  if (!body.empty()) connection_.deliver(body);
  return true;
}

void post_queue::hold(const request_ticket& from) {
  if (!paused_) return answer(from, 200);
  held_.push_back(from);
}

void post_queue::accept(std::unique_ptr<request> asked, const request_ticket& from) {
  if (deliver_now(asked->body())) return hold(from);
  const std::size_t size = asked->body().size();
  if (waiting_.size() - next_ >= most_requests || (bytes_ != 0 && bytes_ + size > most_waiting)) {
    return answer(from, 503);
  }
  bytes_ += size;
  const bool early = !open_ && bytes_ <= early_room;
  waiting_.push_back({std::move(asked), early ? request_ticket() : from});
  if (early) answer(from, 200);
}

void post_queue::open() {
  open_ = true;
  resume();
}

void post_queue::end_early() {
  const connection_ref alive(&connection_);
  const std::vector<waiting> all = std::exchange(waiting_, {});
  for (const waiting& one : all) {
    if (one.from) {
      answer_later(home_, one.from, {.status = 405, .body = std::string(no_posts)});
    } else if (!one.asked->body().empty()) {
      connection_.deliver(one.asked->body());
    }
  }
}

void post_queue::resume() {
  paused_ = false;
  if (!idle() || !held_.empty()) home_.agenda().add(*this);
}

void post_queue::act() {
  const connection_ref alive(&connection_);
  for (const request_ticket& one : std::exchange(held_, {})) answer(one, 200);
  while (!paused_ && !idle()) {
    const waiting one = std::move(waiting_[next_++]);
    bytes_ -= one.asked->body().size();
    if (!one.asked->body().empty()) connection_.deliver(one.asked->body());
    if (one.from) hold(one.from);
  }
  if (!idle() && next_ < most_requests) return;
  // A client can keep it from ever becoming empty.
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(next_));
  next_ = 0;
}

}  // namespace hubbub::inline v0
