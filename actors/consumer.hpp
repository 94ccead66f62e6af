#pragma once

#include <chrono>
#include <memory>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/policies/breaker.hpp>
#include <troupe/policies/fault_switch.hpp>
#include <troupe/policies/retry.hpp>

namespace troupe::actors {

struct consumer_config {
  handler_actor handler; ///< gives deliveries their effect
  policies::retry_config retry;
  policies::breaker_config breaker;
  /// While it is on, nothing is handled, as while the breaker is open. Null: there is none.
  std::shared_ptr<const policies::fault_switch> pause;
  /// For one attempt at a batch.
  duration timeout = std::chrono::seconds{30};
};

/// Spawns what stands between an inbound bridge and a handler: in-place retries of transient failures, a timeout for each
/// attempt, and a circuit breaker around both. It answers once per batch, in the time of its attempts.
///
/// - A transient failure is tried again in place, together with the deliveries of its key that wait behind it. What is still
///   not done then is answered `retry`, for the bridge to park.
/// - A batch that ends its handler is run again singly, each delivery once, so that only the one that does it pays.
/// - When the breaker opens, what is not done is answered `untouched`, at no cost of attempts, and the source is asked to
/// hold.
///
/// Batches are independent of one another; the source gives no two with the same key at a time.
handler_actor spawn_consumer(const spawn_context& context, consumer_config config);

} // namespace troupe::actors
