#include "quota.hpp"

namespace miniature {

bool quota::admit(troupe::instant now) noexcept {
  if (now >= until_) {
    until_ = now + config_.window;
    left_ = config_.calls;
  }
  if (left_ == 0)
    return false;
  --left_;
  return true;
}

} // namespace miniature
