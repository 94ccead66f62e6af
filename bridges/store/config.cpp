#include <troupe/bridges/store/config.hpp>

namespace troupe::store {

expected<void> validate(const config& settings) {
  if (settings.step == 0 || settings.every <= duration::zero())
    return failure{errc::invalid, "a store's retention needs a step and an interval above zero"};
  if (settings.age && *settings.age <= std::chrono::nanoseconds::zero())
    return failure{errc::invalid, "the age of a store's documents must be above zero"};
  if (settings.bytes && *settings.bytes <= 0)
    return failure{errc::invalid, "the size of a store's documents must be above zero"};
  return {};
}

} // namespace troupe::store
