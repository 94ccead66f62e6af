#include <troupe/policies/retry.hpp>

#include <cmath>

namespace troupe::policies {

namespace {

duration grown(duration first, double factor, unsigned times) noexcept {
  const auto ticks = static_cast<double>(first.count()) * std::pow(factor, times);
  return ticks < static_cast<double>(duration::max().count()) ? duration{static_cast<duration::rep>(ticks)}
                                                              : duration::max();
}

} // namespace

std::optional<duration> retry_delay(const retry_config& config, errc why, unsigned retries_before) noexcept {
  if (!is_transient(why) || retries_before >= config.attempts)
    return std::nullopt;
  return grown(config.first, config.factor, retries_before);
}

bool may_retry_outbound(errc why, callee peer) noexcept {
  switch (why) {
    case errc::not_sent:
      return true;
    case errc::outcome_unknown:
    case errc::deadline_exceeded:
    case errc::unavailable:
      return peer == callee::idempotent;
    default:
      return false;
  }
}

std::optional<duration> outbound_retry_delay(const outbound_retry_config& config, errc why, callee peer,
                                             unsigned retries_before, duration remaining, double unit_random) noexcept {
  if (!may_retry_outbound(why, peer) || retries_before >= config.attempts)
    return std::nullopt;
  const auto delay = grown(grown(config.first, 2, retries_before), 1 + config.jitter * unit_random, 1);
  return delay < remaining ? std::optional{delay} : std::nullopt;
}

} // namespace troupe::policies
