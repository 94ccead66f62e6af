#pragma once

#include <chrono>

#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// How much of a call's remaining time a hop keeps for itself, so that a downstream that is late still leaves the time to
/// answer with what there is: a partial answer instead of a timeout.
struct deadline_split_config {
  /// The share that is kept: over three hops a caller's 5 s leave the last one 3.6 s.
  double kept_share = 0.1;
  /// At least that much: a hop's own scheduling, encoding and one round trip in a busy cluster.
  duration kept_at_least = std::chrono::milliseconds{50};
};

/// What a downstream call may take when `remaining` is left of the call it serves (`deadline::remaining`). Zero when nothing
/// is left for it: fail fast instead of asking. `duration::max()` (no deadline) stays as it is.
[[nodiscard]] duration downstream_budget(const deadline_split_config& config, duration remaining) noexcept;

} // namespace troupe::policies
