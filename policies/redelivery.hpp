#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/crash_suspicion.hpp>

namespace troupe::policies {

/// What becomes of deliveries that are not done.
struct redelivery_config {
  /// Delayed retries after the in-place ones: past a failover, past a deployment, past an operator's first look. Then: dead
  /// letter.
  std::vector<duration> delays{std::chrono::seconds{5}, std::chrono::seconds{30}, std::chrono::minutes{5}};
  /// How often a delivery may end the process (or, handed out alone, its handler) before it is dead-lettered unseen. Fewer
  /// would blame a bystander of a crash loop; more would keep everything behind it waiting. 0: never.
  std::uint32_t process_ending_attempts = 5;
  /// How many offsets may stand from the first unsettled one on: what a restart handles again, and what memory holds.
  std::uint32_t span_limit = 10'000;
};

/// That the destination did not take a delivery's dead letter or delayed retry.
struct refusal {
  failure why; ///< the latest
  instant first;
};

/// What is known of a delivery's failures in this process.
struct failure_record {
  failure why{errc::none, {}};  ///< the latest
  std::optional<instant> first; ///< when the first of them was reported
  std::optional<instant> last;
  std::optional<refusal> refused{}; ///< since it was to go elsewhere
};

/// The civil time of an instant of the past, as a dead letter wants it: `civil_now` was read at `now`.
[[nodiscard]] constexpr timestamp civil_time(instant at, instant now, timestamp civil_now) noexcept {
  return civil_now - std::chrono::duration_cast<std::chrono::nanoseconds>(now - at);
}

/// How long to park a delivery after its latest attempt (counted in `count`) was answered with `retry`. Nothing: the delays
/// are spent, dead letter. Attempts that ended without an answer spend no delay.
[[nodiscard]] std::optional<duration> redelivery_delay(const redelivery_config& config, const attempt_count& count) noexcept;

} // namespace troupe::policies
