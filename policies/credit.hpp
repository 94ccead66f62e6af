#pragma once

#include <algorithm>
#include <cstddef>

namespace troupe::policies {

/// What became of units that were given back.
enum class returned { all, too_many };

/// A bound on what is under way. `available()` is never negative and never above the limit, whatever is called: taking gives
/// what is there, and giving back more than was taken is clamped and told. A value: one thread at a time.
class credit {
public:
  constexpr explicit credit(std::size_t limit) noexcept : limit_(limit) {}

  /// Takes up to `wanted` units and tells how many.
  [[nodiscard]] constexpr std::size_t take(std::size_t wanted) noexcept {
    const auto granted = std::min(wanted, available());
    taken_ += granted;
    return granted;
  }

  /// Gives units back. `too_many` means that some were never taken: a programmer's error, to be counted or asserted upon.
  constexpr returned give(std::size_t units) noexcept {
    const auto given = std::min(units, taken_);
    taken_ -= given;
    return given == units ? returned::all : returned::too_many;
  }

  [[nodiscard]] constexpr std::size_t available() const noexcept { return limit_ - taken_; }
  [[nodiscard]] constexpr std::size_t taken() const noexcept { return taken_; }
  [[nodiscard]] constexpr std::size_t limit() const noexcept { return limit_; }

private:
  std::size_t limit_;
  std::size_t taken_ = 0;
};

} // namespace troupe::policies
