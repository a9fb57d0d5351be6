// Cancellation: every wait of the library ends when the work it belongs to is cancelled.
#pragma once

#include <cstdint>
#include <exception>
#include <utility>

namespace hubbub::inline v0 {

/// Thrown out of a wait whose invocation was cancelled or whose connection ended. Let it pass: the driver of the
/// method swallows it.
class operation_cancelled final : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "the operation was cancelled"; }
};

/// Something that wants to hear of a cancellation. Linked into a state; unlinks itself when destroyed. One shard.
class cancellation_listener {
 public:
  cancellation_listener() = default;
  cancellation_listener(const cancellation_listener&) = delete;
  cancellation_listener& operator=(const cancellation_listener&) = delete;
  /// Called once, by `cancellation_state::cancel`. Must not resume application code directly.
  virtual void on_cancelled() = 0;
  /// Stops listening.
  void unlink() noexcept {
    if (previous_ == nullptr) return;
    *previous_ = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
    previous_ = nullptr;
    next_ = nullptr;
  }

 protected:
  ~cancellation_listener() { unlink(); }

 private:
  friend class cancellation_state;
  cancellation_listener* next_ = nullptr;
  cancellation_listener** previous_ = nullptr;
};

/// Whether something was cancelled, and who wants to know. Counted, one shard.
class cancellation_state {
 public:
  cancellation_state() = default;
  cancellation_state(const cancellation_state&) = delete;
  cancellation_state& operator=(const cancellation_state&) = delete;

  /// True once `cancel` was called.
  [[nodiscard]] bool requested() const noexcept { return requested_; }
  /// Adds a listener. When cancellation was requested already, it is not called: ask `requested` first.
  void add(cancellation_listener& listener) noexcept {
    listener.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &listener.next_;
    listener.previous_ = &first_;
    first_ = &listener;
  }
  /// Tells all listeners, each once. A second call does nothing.
  void cancel() {
    if (requested_) return;
    requested_ = true;
    while (first_ != nullptr) {
      cancellation_listener& listener = *first_;
      listener.unlink();
      listener.on_cancelled();
    }
  }

  void acquire() noexcept { ++references_; }
  void release() noexcept {
    if (--references_ == 0) delete this;
  }

 private:
  ~cancellation_state() = default;
  cancellation_listener* first_ = nullptr;
  std::uint32_t references_ = 0;
  bool requested_ = false;
};

/// A handle that hub methods may take as a parameter: it is not counted as an argument (decision 23). One shard.
class cancellation {
 public:
  cancellation() noexcept = default;
  /// Refers to `state`, or to nothing that could ever be cancelled.
  explicit cancellation(cancellation_state* state) noexcept : state_(state) {
    if (state_ != nullptr) state_->acquire();
  }
  cancellation(const cancellation& other) noexcept : cancellation(other.state_) {}
  cancellation(cancellation&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  cancellation& operator=(cancellation other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~cancellation() {
    if (state_ != nullptr) state_->release();
  }

  /// True when the caller no longer wants the result: its connection ended or it sent CancelInvocation.
  [[nodiscard]] bool requested() const noexcept { return state_ != nullptr && state_->requested(); }
  /// Throws `operation_cancelled` when requested.
  void throw_if_requested() const {
    if (requested()) throw operation_cancelled();
  }
  /// The state behind it; null for "never".
  [[nodiscard]] cancellation_state* state() const noexcept { return state_; }

 private:
  cancellation_state* state_ = nullptr;
};

}  // namespace hubbub::inline v0
