// Keeping what was sent, and letting it go.
#include "hubbub/connection/sent_window.hpp"

#include <algorithm>

namespace hubbub::inline v0 {

sent_window::~sent_window() {
  while (kept_.size() != begin_) release_first();
}

void sent_window::keep(frame* sent, std::size_t size) {
  kept_.push_back({sent, static_cast<std::uint32_t>(size)});
  const std::int64_t number = first_ + static_cast<std::int64_t>(count()) - 1;
  bytes_ += size;
  if (number > sent_before_) {
    fresh_bytes_ += size;
    highest_ = std::max(highest_, number);
  } else {
    again_bytes_ -= std::min(again_bytes_, size);
  }
}

void sent_window::acknowledge(std::int64_t number) noexcept {
  acknowledged_ = std::max(acknowledged_, std::min(number, highest_));
  const bool proven = acknowledged_ > sent_before_;
  // What is kept only for its number must not grow with every transport, nor close the window.
  while (count() != 0 && first_ <= acknowledged_ && (proven || bytes_ >= limit_ * 2)) release_first();
  if (count() == 0) return forget_room();
  if (begin_ < 32 || begin_ < kept_.size() / 2) return;
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
}

void sent_window::release_first() noexcept {
  const message& one = kept_[begin_++];
  bytes_ -= one.size;
  if (first_ > sent_before_) fresh_bytes_ -= one.size;
  ++first_;
  one.sent->release();
}

void sent_window::forget_room() noexcept {
  kept_ = {};
  begin_ = 0;
}

}  // namespace hubbub::inline v0
