// What the hubs of the suite share with the tests: a journal, and gates at which methods wait.
#pragma once

#include <algorithm>
#include <atomic>
#include <coroutine>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client.hpp"

namespace hub_story {

/// Used by all shards and by the test's thread.
class world {
 public:
  explicit world(record& seen) noexcept : seen_(seen) {}

  /// Writes a line.
  void note(std::string line) {
    std::lock_guard lock(seen_.mutex);
    journal_.push_back(std::move(line));
    seen_.changed.notify_all();
  }
  /// The lines so far.
  [[nodiscard]] std::vector<std::string> journal() const {
    std::lock_guard lock(seen_.mutex);
    return journal_;
  }
  /// How often a line was written. The record is locked by the caller.
  [[nodiscard]] std::ptrdiff_t count_locked(std::string_view line) const {
    return std::count(journal_.begin(), journal_.end(), line);
  }
  [[nodiscard]] std::ptrdiff_t count(std::string_view line) const {
    std::lock_guard lock(seen_.mutex);
    return count_locked(line);
  }

  /// A wait that knows neither shards nor cancellation: over when the gate is opened.
  class at_gate {
   public:
    at_gate(world& of, std::string name) : of_(of), name_(std::move(name)) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
      std::lock_guard lock(of_.seen_.mutex);
      if (of_.open_.contains(name_) || of_.all_open_) return false;
      of_.waiting_[name_].push_back(waiting);
      of_.seen_.changed.notify_all();
      return true;
    }
    void await_resume() const noexcept {}

   private:
    world& of_;
    std::string name_;
  };
  [[nodiscard]] at_gate gate(std::string name) { return at_gate(*this, std::move(name)); }

  /// Opens a gate for those who wait and those who come.
  void open(const std::string& name) {
    std::vector<std::coroutine_handle<>> free;
    {
      std::lock_guard lock(seen_.mutex);
      open_.insert(name);
      free.swap(waiting_[name]);
    }
    for (const std::coroutine_handle<> one : free) one.resume();
  }
  void open_all() {
    std::vector<std::coroutine_handle<>> free;
    {
      std::lock_guard lock(seen_.mutex);
      all_open_ = true;
      for (auto& [name, waiting] : waiting_) free.insert(free.end(), waiting.begin(), waiting.end());
      waiting_.clear();
    }
    for (const std::coroutine_handle<> one : free) one.resume();
  }
  /// How many wait at a gate. The record is locked by the caller.
  [[nodiscard]] std::size_t waiting_locked(const std::string& name) const {
    const auto found = waiting_.find(name);
    return found == waiting_.end() ? 0 : found->second.size();
  }

  /// Hub objects say when they begin and end.
  void hub_begins() { ++hubs_alive; }
  void hub_ends() {
    std::lock_guard lock(seen_.mutex);
    --hubs_alive;
    seen_.changed.notify_all();
  }
  std::atomic<int> hubs_alive = 0;  ///< hub objects that exist

 private:
  record& seen_;
  std::vector<std::string> journal_;
  std::map<std::string, std::vector<std::coroutine_handle<>>> waiting_;
  std::set<std::string> open_;
  bool all_open_ = false;
};

}  // namespace hub_story
