#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <troupe/messages/values/time.hpp>
#include <troupe/policies/unit_random.hpp>

namespace troupe::policies {

/// How long to wait between attempts that keep failing: the rule of Pekko's BackoffSupervisor.
struct backoff_config {
  /// Before the first new attempt: long enough not to spin, short enough that a caller does not notice one restart.
  duration min = std::chrono::milliseconds{200};
  /// The longest wait, jitter included: a dependency that returns is noticed within half a minute.
  duration max = std::chrono::seconds{30};
  /// How much of a delay may be added at random, so that those that failed together do not return together.
  double jitter = 0.2;
};

/// For a dependency that is away (a broker, a database): it is not a crash, so attempts go on for ever and closer together.
inline constexpr backoff_config reconnect_backoff{std::chrono::milliseconds{100}, std::chrono::seconds{10}, 0.2};

/// The wait before the next attempt after `failures_before` failures that were already waited for (0: the first):
/// min(max, min * 2^failures_before), times 1 + jitter * `unit_random`, capped by `max` once more. `unit_random` is in [0,
/// 1).
[[nodiscard]] duration backoff_delay(const backoff_config& config, unsigned failures_before, double unit_random) noexcept;

/// How long the new attempt must last for the failures before it to be forgotten: (min + max) / 2.
[[nodiscard]] duration backoff_reset_after(const backoff_config& config) noexcept;

/// Counts failures in a row. A value: one thread at a time; equal seeds and events give equal delays.
class backoff {
public:
  explicit backoff(const backoff_config& config = {}, std::uint64_t seed = 1) noexcept : config_(config), random_(seed) {}

  /// A failure at `now`: the wait before the next attempt. The count begins anew when the attempt before ran for
  /// (min + max) / 2, measured from the end of its wait: from the failure it would be shorter than the longest wait itself.
  duration next(instant now) noexcept;

  /// Forgets all failures, as after a proof of success.
  void reset() noexcept;

  /// Failures in a row that were waited for.
  [[nodiscard]] unsigned failures() const noexcept { return failures_; }

private:
  backoff_config config_;
  unit_random random_;
  unsigned failures_ = 0;
  std::optional<instant> attempt_began_;
};

} // namespace troupe::policies
