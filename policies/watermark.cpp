#include <troupe/policies/watermark.hpp>

#include <algorithm>

namespace troupe::policies {

bool watermark::fetched(std::int64_t offset) {
  if (offset < end_)
    return false;
  unsettled_.append(offset, fetched_);
  ++fetched_;
  end_ = offset + 1;
  return true;
}

void watermark::skipped_to(std::int64_t next) noexcept {
  end_ = std::max(end_, next);
}

bool watermark::settled(std::int64_t offset) {
  return unsettled_.erase(offset) || apart_.erase(offset) > 0;
}

} // namespace troupe::policies
