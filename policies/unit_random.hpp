#pragma once

#include <cstdint>

namespace troupe::policies {

/// Random numbers in [0, 1), for spreading. A value: one thread at a time; equal seeds give equal numbers.
class unit_random {
public:
  /// Any seed is good.
  explicit unit_random(std::uint64_t seed) noexcept : state_(seed) {}

  double next() noexcept;

private:
  std::uint64_t state_;
};

} // namespace troupe::policies
