// The machine's steady clock.
#include "hubbub/core/clock.hpp"

namespace hubbub::inline v0 {
namespace {
class steady final : public clock {
 public:
  [[nodiscard]] time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] bool runs_by_itself() const noexcept override { return true; }
};
}  // namespace

const clock& machine_clock() noexcept {
  static const steady machine;
  return machine;
}

}  // namespace hubbub::inline v0
