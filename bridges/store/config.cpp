#include <troupe/bridges/store/config.hpp>

namespace troupe::store {

std::vector<std::string> validate(const config& given) {
  std::vector<std::string> mistakes;
  if (given.step == 0 || given.every <= duration::zero())
    mistakes.emplace_back("a store's retention needs a step and an interval above zero");
  if (given.age && *given.age <= std::chrono::nanoseconds::zero())
    mistakes.emplace_back("the age of a store's documents must be above zero");
  if (given.bytes && *given.bytes <= 0)
    mistakes.emplace_back("the size of a store's documents must be above zero");
  return mistakes;
}

} // namespace troupe::store
