#pragma once

#include <algorithm>
#include <atomic>

#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// Whether something is made to fail on purpose, until a time. It is asked where the thing would be done, which costs one
/// relaxed load while it is off. Any thread.
class fault_switch {
public:
  /// It is on until then.
  void turn_on(instant until) noexcept { until_.store(until.time_since_epoch().count(), std::memory_order_relaxed); }
  void turn_off() noexcept { until_.store(off, std::memory_order_relaxed); }

  /// How long it is still on; zero when it is off, or its time is up.
  [[nodiscard]] duration left(instant now) const noexcept {
    const auto until = until_.load(std::memory_order_relaxed);
    return until == off ? duration::zero() : std::max(duration::zero(), instant{duration{until}} - now);
  }

private:
  static constexpr duration::rep off = 0;

  std::atomic<duration::rep> until_{off};
};

} // namespace troupe::policies
