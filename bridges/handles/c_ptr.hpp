#pragma once

#include <memory>

namespace troupe {

/// Ends an object of a C library with the function that the library has for it; what that returns is of no use.
template <auto Fn>
struct c_deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    static_cast<void>(Fn(object));
  }
};

/// Owns an object of a C library.
template <class T, auto Fn>
using c_ptr = std::unique_ptr<T, c_deleter<Fn>>;

} // namespace troupe
