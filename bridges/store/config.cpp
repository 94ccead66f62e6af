#include <troupe/bridges/store/config.hpp>

namespace troupe::store {

expected<void> validate(const config& what) {
  if (what.step == 0 || what.every <= duration::zero())
    return failure{errc::invalid, "a store's retention needs a step and an interval above zero"};
  if (what.age && *what.age <= std::chrono::nanoseconds::zero())
    return failure{errc::invalid, "the age of a store's documents must be above zero"};
  if (what.bytes && *what.bytes <= 0)
    return failure{errc::invalid, "the size of a store's documents must be above zero"};
  return {};
}

} // namespace troupe::store
