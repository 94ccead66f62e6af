#include <troupe/policies/restart_intensity.hpp>

#include <algorithm>

namespace troupe::policies {

bool restart_intensity::admit(instant now) {
  while (!admitted_.empty() && !remembered(admitted_.front(), now))
    admitted_.pop_front();
  if (admitted_.size() >= config_.restarts)
    return false;
  admitted_.push_back(now);
  return true;
}

std::size_t restart_intensity::restarts(instant now) const {
  return static_cast<std::size_t>(
    std::count_if(admitted_.begin(), admitted_.end(), [&](instant restart) { return remembered(restart, now); }));
}

} // namespace troupe::policies
