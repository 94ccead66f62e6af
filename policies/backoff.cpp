#include <troupe/policies/backoff.hpp>

#include <algorithm>
#include <cmath>

namespace troupe::policies {

namespace {

// Every doubling beyond this many exceeds what a duration can hold.
constexpr unsigned most_doublings = 64;

} // namespace

duration backoff_delay(const backoff_config& config, unsigned failures_before, double unit_random) noexcept {
  const auto most = static_cast<double>(config.max.count());
  const auto doublings = static_cast<int>(std::min(failures_before, most_doublings));
  const auto grown = std::ldexp(static_cast<double>(config.min.count()), doublings);
  const auto jittered = grown * (1 + config.jitter * unit_random);
  return jittered < most ? duration{static_cast<duration::rep>(jittered)} : config.max;
}

duration backoff_reset_after(const backoff_config& config) noexcept {
  return config.min / 2 + config.max / 2;
}

duration backoff::next(instant now) noexcept {
  if (attempt_began_ && now >= *attempt_began_ && now - *attempt_began_ >= backoff_reset_after(config_))
    reset();
  const auto delay = backoff_delay(config_, failures_, random_.next());
  if (failures_ < most_doublings)
    ++failures_;
  attempt_began_ = delay < instant::max() - now ? now + delay : instant::max();
  return delay;
}

void backoff::reset() noexcept {
  failures_ = 0;
  attempt_began_.reset();
}

} // namespace troupe::policies
