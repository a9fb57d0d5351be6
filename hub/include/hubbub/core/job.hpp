// A piece of work that is moved, never copied, and run once: what mailboxes and pools carry.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace hubbub::inline v0 {

/// A move-only callable without arguments. Small ones live inside the object. A resource moved as a handle.
class job {
 public:
  job() noexcept = default;

  /// Takes over `work`, which is called at most once. Throws what moving it throws, and bad_alloc.
  template <class Work>
    requires(!std::is_same_v<std::remove_cvref_t<Work>, job> && std::is_invocable_v<std::remove_cvref_t<Work>&>)
  job(Work&& work) {  // NOLINT(google-explicit-constructor): lambdas are jobs
    using held = std::remove_cvref_t<Work>;
    if constexpr (sizeof(held) <= sizeof(place_) && alignof(held) <= alignof(void*) &&
                  std::is_nothrow_move_constructible_v<held>) {
      ::new (static_cast<void*>(place_)) held(std::forward<Work>(work));
      run_ = [](void* place) { (*std::launder(static_cast<held*>(place)))(); };
      move_ = [](void* from, void* to) noexcept {
        auto* old = std::launder(static_cast<held*>(from));
        if (to != nullptr) ::new (to) held(std::move(*old));
        old->~held();
      };
    } else {
      using owner = std::unique_ptr<held>;
      ::new (static_cast<void*>(place_)) owner(std::make_unique<held>(std::forward<Work>(work)));
      run_ = [](void* place) { (**std::launder(static_cast<owner*>(place)))(); };
      move_ = [](void* from, void* to) noexcept {
        auto* old = std::launder(static_cast<owner*>(from));
        if (to != nullptr) ::new (to) owner(std::move(*old));
        old->~owner();
      };
    }
  }

  job(job&& other) noexcept { take(other); }
  job& operator=(job&& other) noexcept {
    if (this != &other) {
      drop();
      take(other);
    }
    return *this;
  }
  ~job() { drop(); }

  /// True when there is something to run.
  explicit operator bool() const noexcept { return run_ != nullptr; }
  /// Runs it; passes its exceptions on.
  void operator()() { run_(place_); }

 private:
  void take(job& other) noexcept {
    if (other.move_ != nullptr) other.move_(other.place_, place_);
    run_ = std::exchange(other.run_, nullptr);
    move_ = std::exchange(other.move_, nullptr);
  }
  void drop() noexcept {
    if (move_ != nullptr) move_(place_, nullptr);
    run_ = nullptr;
    move_ = nullptr;
  }

  alignas(void*) std::byte place_[48];
  void (*run_)(void*) = nullptr;
  void (*move_)(void*, void*) noexcept = nullptr;
};

}  // namespace hubbub::inline v0
