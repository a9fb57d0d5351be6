// Work that gathers during a turn and is done once, before the turn ends.
#pragma once

#include <vector>

#include "hubbub/core/shard.hpp"

namespace hubbub::inline v0 {

/// Something that may ask to be called before the turn ends. One shard.
class turn_work {
 public:
  /// Asked for by `turn_agenda::add`. May destroy the object.
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
  void run() {
    running_.swap(planned_);
    for (std::size_t i = 0; i < running_.size(); ++i) {
      if (running_[i] == nullptr) continue;
      running_[i]->planned_ = false;
      running_[i]->act();
    }
    running_.clear();
  }

  shard& home_;
  std::vector<turn_work*> planned_;
  std::vector<turn_work*> running_;
};

}  // namespace hubbub::inline v0
