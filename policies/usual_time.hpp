#pragma once

#include <chrono>

#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// When the silence of a dependency speaks against it, and when its caller gave it too little time.
struct usual_time_config {
  /// Less than this is never enough: a hop's own scheduling and round trip, twice.
  duration least = std::chrono::milliseconds{100};
  /// What is enough for a dependency that has not answered yet.
  duration unknown = std::chrono::seconds{1};
  /// This is always enough: nearly all of the default deadline of a call (5 s), a hop's own share taken off.
  duration most = std::chrono::seconds{4};
};

/// How long a dependency usually takes to answer: the mean of its answers and four times their mean deviation, as TCP
/// estimates a round trip (RFC 6298, section 2). A value: one thread at a time.
class usual_time {
public:
  explicit usual_time(const usual_time_config& config = {}) noexcept : config_(config) {}

  /// An answer came after `took`.
  void answered(duration took) noexcept;

  /// Whether `given` was time enough for an answer.
  [[nodiscard]] bool enough(duration given) const noexcept { return given >= estimate(); }

  /// The time that is enough, within the bounds of the configuration.
  [[nodiscard]] duration estimate() const noexcept;

private:
  usual_time_config config_;
  bool known_ = false;
  duration mean_{};
  duration deviation_{};
};

} // namespace troupe::policies
