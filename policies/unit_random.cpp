#include <troupe/policies/unit_random.hpp>

#include <cmath>

namespace troupe::policies {

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators): one word of state.
double unit_random::next() noexcept {
  state_ += 0x9e3779b97f4a7c15U;
  auto word = state_;
  word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
  word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
  word ^= word >> 31U;
  return std::ldexp(static_cast<double>(word >> 11U), -53);
}

} // namespace troupe::policies
