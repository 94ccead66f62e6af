#include <troupe/policies/deadline_split.hpp>

#include <algorithm>

namespace troupe::policies {

duration downstream_budget(const deadline_split_config& config, duration remaining) noexcept {
  if (remaining == duration::max())
    return remaining;
  const duration share{static_cast<duration::rep>(static_cast<double>(remaining.count()) * config.kept_share)};
  return std::max(remaining - std::max(share, config.kept_at_least), duration::zero());
}

} // namespace troupe::policies
