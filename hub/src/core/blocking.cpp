// The threads behind run_blocking.
#include "hubbub/core/blocking.hpp"

#include <system_error>

namespace hubbub::inline v0 {

blocking_pool::~blocking_pool() {
  {
    std::lock_guard lock(mutex_);
    queue_.clear();
  }
  stop();
}

bool blocking_pool::submit(job work) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= most_queued_) return false;
    queue_.push_back(std::move(work));
    if (queue_.size() > idle_ && threads_.size() < most_threads_) {
      try {
        threads_.emplace_back([this] { this->work(); });
      } catch (const std::system_error&) {
        // No more threads to be had: those there are will do, and without any the job is not taken.
        if (threads_.empty()) {
          queue_.pop_back();
          return false;
        }
      }
    }
  }
  wake_.notify_one();
  return true;
}

bool blocking_pool::run_one() {
  job next;
  {
    std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    next = std::move(queue_.front());
    queue_.pop_front();
  }
  next();
  return true;
}

void blocking_pool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    job next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    next();
    next = job();  // what it holds dies outside of the lock
    lock.lock();
  }
}

void blocking_pool::stop() {
  std::vector<std::thread> ending;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    ending.swap(threads_);
  }
  wake_.notify_all();
  for (std::thread& one : ending) one.join();
}

}  // namespace hubbub::inline v0
