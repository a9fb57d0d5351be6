// A binary heap of timers whose entries know their place, so that removing one is as cheap as adding it.
#include "hubbub/core/timer_queue.hpp"

namespace hubbub::inline v0 {

void timer_queue::set(std::size_t place, timer_entry* entry) noexcept {
  heap_[place] = entry;
  entry->place_ = place;
}

void timer_queue::sift_up(std::size_t place) noexcept {
  timer_entry* entry = heap_[place];
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (heap_[parent]->due_ <= entry->due_) break;
    set(place, heap_[parent]);
    place = parent;
  }
  set(place, entry);
}

void timer_queue::sift_down(std::size_t place) noexcept {
  timer_entry* entry = heap_[place];
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->due_ < heap_[child]->due_) ++child;
    if (entry->due_ <= heap_[child]->due_) break;
    set(place, heap_[child]);
    place = child;
  }
  set(place, entry);
}

void timer_queue::add(timer_entry& entry, time_point due) {
  heap_.push_back(&entry);
  entry.due_ = due;
  entry.place_ = heap_.size() - 1;
  sift_up(entry.place_);
}

void timer_queue::remove(timer_entry& entry) noexcept {
  if (!entry.queued()) return;
  const std::size_t place = entry.place_;
  entry.place_ = timer_entry::nowhere;
  timer_entry* last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return;
  set(place, last);
  sift_up(place);
  sift_down(last->place_);
}

std::optional<time_point> timer_queue::next() const noexcept {
  if (heap_.empty()) return std::nullopt;
  return heap_.front()->due_;
}

std::size_t timer_queue::run_due(time_point now) {
  std::size_t count = 0;
  while (!heap_.empty() && heap_.front()->due_ <= now) {
    timer_entry& entry = *heap_.front();
    remove(entry);
    entry.on_due();
    ++count;
  }
  return count;
}

}  // namespace hubbub::inline v0
