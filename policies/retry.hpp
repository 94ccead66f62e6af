#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <troupe/messages/settings/text.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// Retries in place: the handler is asked again at once, while the delivery stays in flight.
struct retry_config {
  /// Retries after the first attempt: with the delays below they cover a lost connection or an election of a leader.
  unsigned attempts = 3;
  /// Before the first retry.
  duration first = std::chrono::milliseconds{100};
  /// Each further delay is this much longer.
  double factor = 2;
};

/// The wait before the next retry of something that failed with `why` after `retries_before` retries. Nothing when it must
/// not be retried in place: `why` is permanent, or the retries are spent.
[[nodiscard]] std::optional<duration> retry_delay(const retry_config& config, errc why, unsigned retries_before) noexcept;

/// What a repeated call does at the callee.
enum class callee : std::uint8_t {
  any,        ///< not known: a repeated call may have its effects twice
  idempotent, ///< derives all ids from the call's own id, as every Troupe service does: a repeated call is harmless
};

constexpr auto words_of(callee) {
  return settings::words<callee>({{"troupe", callee::idempotent}, {"reference", callee::any}});
}

/// Retries of outbound calls (gRPC, HTTP), as service meshes have them: Istio's defaults are the same two.
struct outbound_retry_config {
  /// Retries after the first attempt: a third one rarely succeeds where two did not, and adds load where there is too much.
  unsigned attempts = 2;
  /// Before the first retry, doubling: a caller waits, so it is shorter than between deliveries.
  duration first = std::chrono::milliseconds{25};
  /// How much of a wait may be added at random, so that callers that failed together do not return together.
  double jitter = 0.5;
};

/// Whether an outbound call that failed with `why` may be sent again without risking its effects twice: one that was
/// provably not sent always, one whose outcome is unknown or whose callee is away only where the callee is idempotent.
/// `overloaded` and `throttled` are never retried: the callee has asked for less.
[[nodiscard]] bool may_retry_outbound(errc why, callee peer) noexcept;

/// The wait before the next retry of an outbound call, `remaining` being left of its deadline, with a share of the jitter
/// that `unit_random`, in [0, 1), gives. Nothing when it must not be retried: the rule above, retries spent, or no time
/// left after the wait. The retry budget is asked apart, and last.
[[nodiscard]] std::optional<duration> outbound_retry_delay(const outbound_retry_config& config, errc why, callee peer,
                                                           unsigned retries_before, duration remaining,
                                                           double unit_random) noexcept;

} // namespace troupe::policies
