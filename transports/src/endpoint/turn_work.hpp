// Work that gathers during a turn and is done once, before the turn ends.
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "hubbub/core/logger.hpp"
#include "hubbub/core/shard.hpp"

namespace hubbub::inline v0 {

/// Something that may ask to be called before the turn ends. One shard.
class turn_work {
 public:
  /// Asked for by `turn_agenda::add`. May destroy the object. What it throws is logged.
  virtual void act() = 0;

 protected:
  ~turn_work() = default;

 private:
  friend class turn_agenda;
  bool planned_ = false;
};

/// Who wants to be called before the turn ends, each once. One shard.
class turn_agenda {
 public:
  explicit turn_agenda(shard& home) noexcept : home_(home) {}
  turn_agenda(const turn_agenda&) = delete;
  turn_agenda& operator=(const turn_agenda&) = delete;

  /// `one` will be called, unless it is removed before.
  void add(turn_work& one) {
    if (one.planned_) return;
    if (planned_.empty()) home_.defer([this] { run(); });
    planned_.push_back(&one);
    one.planned_ = true;
  }
  /// `one` is about to be destroyed.
  void remove(turn_work& one) noexcept {
    if (!one.planned_) return;
    for (std::vector<turn_work*>* list : {&planned_, &running_}) {
      for (turn_work*& each : *list) {
        if (each == &one) each = nullptr;
      }
    }
  }

 private:
  // Memory may run out in any of them: the others still get their turn, in this one and in all to come.
  void run() {
    running_.swap(planned_);
    for (std::size_t i = 0; i < running_.size(); ++i) {
      turn_work* const one = std::exchange(running_[i], nullptr);
      if (one == nullptr) continue;
      one->planned_ = false;
      try {
        one->act();
      } catch (const std::exception& error) {
        home_.log().write(log_level::error, "server", "work of a turn failed: " + printable(error.what(), 1000));
      } catch (...) {
        home_.log().write(log_level::error, "server", "work of a turn failed: exception of unknown type");
      }
    }
    running_.clear();
  }

  shard& home_;
  std::vector<turn_work*> planned_;
  std::vector<turn_work*> running_;
};

}  // namespace hubbub::inline v0
