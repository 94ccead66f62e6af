#include <troupe/policies/retry_budget.hpp>

#include <algorithm>

namespace troupe::policies {

void retry_budget::called(instant now) noexcept {
  ++current(now).calls;
}

bool retry_budget::admit_retry(instant now) noexcept {
  auto& here = current(now);
  std::uint64_t calls = 0;
  std::uint64_t retries = 0;
  for (const auto& each : slots_) {
    if (here.number - each.number < static_cast<std::int64_t>(slot_count)) {
      calls += each.calls;
      retries += each.retries;
    }
  }
  if (retries >= std::max<std::uint64_t>(config_.minimum, calls * config_.percent / 100))
    return false;
  ++here.retries;
  return true;
}

std::int64_t retry_budget::slot_number(instant now) const noexcept {
  const auto width = std::max(config_.window / static_cast<duration::rep>(slot_count), duration{1});
  const auto since = now.time_since_epoch();
  const auto number = since / width;
  return since < duration::zero() && since % width != duration::zero() ? number - 1 : number;
}

retry_budget::slot& retry_budget::current(instant now) noexcept {
  constexpr auto count = static_cast<std::int64_t>(slot_count);
  const auto number = slot_number(now);
  auto& here = slots_[static_cast<std::size_t>((number % count + count) % count)];
  if (here.number != number)
    here = slot{number, 0, 0};
  return here;
}

} // namespace troupe::policies
