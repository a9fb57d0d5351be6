// What the library knows of a hub class at run time: its methods by name, its hooks, how objects are made.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hubbub/connection/close_reason.hpp"
#include "hubbub/core/task.hpp"

namespace hubbub::inline v0 {

class hub_base;
class principal;
class invocation;

/// What a method demands of the caller (decision 19).
struct method_requirement {
  bool authenticated = false;
  std::span<const std::string_view> roles;     ///< any of these values of the claim `role`; empty: no role needed
  bool (*policy)(const principal*) = nullptr;  ///< what an application demands besides; null: nothing
};

/// What kind of method it is.
struct method_shape {
  bool streams = false;     ///< its result is a stream
  std::size_t uploads = 0;  ///< streams it takes from the client
};

/// One method of a hub. Immutable; any thread.
struct hub_method {
  std::string_view name;  ///< canonical: `JoinRoom`
  void (*call)(hub_base&, invocation&) = nullptr;
  method_requirement requires_of_caller;
  method_shape shape;
  void (*call_filtered)(hub_base&, invocation&) = nullptr;  ///< instead of `call` where there are filters around calls
};

/// A hub class. Immutable after its construction; any thread.
class hub_type {
 public:
  /// A hook is a plain function (returns an empty task) or a task.
  using connected_hook = task<void> (*)(hub_base&);
  using disconnected_hook = task<void> (*)(hub_base&, const close_reason&);

  hub_type(std::string_view name, std::vector<hub_method> methods, connected_hook on_connected,
           disconnected_hook on_disconnected);

  /// Class name in PascalCase without namespace.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// The method a client means: letter case and `_` do not matter. Null when there is none.
  [[nodiscard]] const hub_method* find(std::string_view target) const noexcept;
  /// All methods, in the order of the class's table.
  [[nodiscard]] std::span<const hub_method> methods() const noexcept { return methods_; }
  /// The place of a method that `find` gave.
  [[nodiscard]] std::size_t index_of(const hub_method& method) const noexcept {
    return static_cast<std::size_t>(&method - methods_.data());
  }
  [[nodiscard]] connected_hook connected() const noexcept { return connected_; }
  [[nodiscard]] disconnected_hook disconnected() const noexcept { return disconnected_; }

 private:
  std::string name_;
  std::vector<hub_method> methods_;
  std::vector<std::uint16_t> table_;  ///< open addressing: index + 1 of a method, 0 = free
  connected_hook connected_;
  disconnected_hook disconnected_;
};

}  // namespace hubbub::inline v0
