// A reference to something callable, for parameters that are called before the callee returns.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace hubbub::inline v0 {

template <class Signature>
class function_ref;

/// Refers to a callable without owning it: valid as long as the callable is. Immutable value.
template <class Result, class... Arguments>
class function_ref<Result(Arguments...)> {
 public:
  /// Refers to `callable`, which must outlive this object. Never throws.
  template <class Callable>
    requires(!std::is_same_v<std::remove_cvref_t<Callable>, function_ref>)
  function_ref(Callable&& callable)
  noexcept
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_([](void* object, Arguments... arguments) -> Result {
          return (*static_cast<std::remove_reference_t<Callable>*>(object))(std::forward<Arguments>(arguments)...);
        }) {}

  /// Calls the callable; passes its exceptions on.
  Result operator()(Arguments... arguments) const { return call_(object_, std::forward<Arguments>(arguments)...); }

 private:
  void* object_;
  Result (*call_)(void*, Arguments...);
};

}  // namespace hubbub::inline v0
