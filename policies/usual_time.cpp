#include <troupe/policies/usual_time.hpp>

#include <algorithm>

namespace troupe::policies {

void usual_time::answered(duration took) noexcept {
  took = std::clamp(took, duration::zero(), config_.most);
  if (!known_) {
    known_ = true;
    mean_ = took;
    deviation_ = took / 2;
    return;
  }
  deviation_ += (std::chrono::abs(took - mean_) - deviation_) / 4;
  mean_ += (took - mean_) / 8;
}

duration usual_time::estimate() const noexcept {
  return known_ ? std::clamp(mean_ + 4 * deviation_, config_.least, config_.most) : config_.unknown;
}

} // namespace troupe::policies
