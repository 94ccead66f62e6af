#include <troupe/policies/redelivery.hpp>

namespace troupe::policies {

std::optional<duration> redelivery_delay(const redelivery_config& config, const attempt_count& count) noexcept {
  if (count.answered == 0 || count.answered > config.delays.size())
    return std::nullopt;
  return config.delays[count.answered - 1];
}

} // namespace troupe::policies
