#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/greeter.hpp>
#include <troupe/policies/breaker.hpp>
#include <troupe/policies/retry.hpp>
#include <troupe/policies/retry_budget.hpp>
#include <troupe/policies/usual_time.hpp>

namespace troupe::actors {

struct resilient_greeter_config {
  greeter_actor to; ///< usually a client of a bridge, which asks once and reports the outcome
  std::string name; ///< of the callee, as in the topology
  policies::callee callee = policies::callee::any;
  policies::outbound_retry_config retry;
  policies::retry_budget_config budget;
  policies::breaker_config breaker;
  policies::usual_time_config usual;
  /// For a call that came without a deadline.
  duration default_deadline = std::chrono::seconds{5};
  /// Calls under way at once: two hundred a second that all take the whole default deadline. Beyond: `overloaded`.
  std::size_t in_flight = 1000;
};

/// Spawns a greeter that makes another one's outbound calls dependable. From the outside in:
///
/// - deadline: every call has one and every attempt carries it on. An answer or an error comes by then, and nothing begins
///   after it.
/// - retry: an attempt that failed is made again under the same call id where `policies::may_retry_outbound` lets it. Not
///   for a caller that has left.
/// - budget: retries are a small share of all calls to this callee.
/// - breaker: while the callee keeps failing it is not asked, and a call fails at once with `breaker_open`. A call that was
///   attempted before fails with the error of that attempt.
///
/// Only what the callee failed at counts for the breaker and is retried: not that a caller gave it less time than it usually
/// takes (`policies::usual_time`), nor that it refused a caller (`policies::is_callee_failure`), nor that a caller left.
///
/// Why calls fail is logged: once a minute for each callee and error, and each time where debugging lines are wanted.
///
/// Each is counted by callee: `troupe_outbound_attempts_total` by outcome, `troupe_outbound_retries_total`,
/// `troupe_outbound_retries_withheld_total` (for want of budget), `troupe_outbound_refused_total` by reason, and
/// `troupe_outbound_breaker_state` (0 closed, 1 half open, 2 open).
greeter_actor spawn_resilient_greeter(const spawn_context& context, resilient_greeter_config config);

} // namespace troupe::actors
