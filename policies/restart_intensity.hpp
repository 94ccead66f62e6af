#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// How many restarts a supervisor allows before it gives up: the rule of Erlang/OTP's supervisor (MaxR in MaxT).
struct intensity_config {
  /// A crash that restarts cure shows itself in fewer.
  unsigned restarts = 5;
  /// Longer than the backoff delays of that many restarts together (200 ms doubling: 6 s), so that a loop is seen as one.
  duration window = std::chrono::seconds{60};
};

/// Remembers the restarts of the last window. A value: one thread at a time; `now` never goes back.
class restart_intensity {
public:
  explicit restart_intensity(const intensity_config& config = {}) : config_(config) {}

  /// Whether one more restart at `now` stays within the intensity. A restart that is admitted is remembered for the window
  /// (a restart exactly one window ago is forgotten); one that is refused is not.
  [[nodiscard]] bool admit(instant now);

  /// How many restarts are remembered at `now`.
  [[nodiscard]] std::size_t restarts(instant now) const;

  /// Forgets all restarts, as when an exhausted service is tried again.
  void reset() noexcept { admitted_.clear(); }

private:
  [[nodiscard]] bool remembered(instant restart, instant now) const noexcept { return now - restart < config_.window; }

  intensity_config config_;
  std::deque<instant> admitted_;
};

} // namespace troupe::policies
