#pragma once

#include <string>

#include <troupe/actors/resilient_calls.hpp>
#include <troupe/messages/ports/contract.hpp>

namespace troupe::actors {

struct resilient_client_config : resilience_config {
  contract_actor to; ///< usually a client of a bridge, which asks once and reports the outcome
  std::string name;  ///< of the callee, as in the topology
  /// Whether every method is idempotent by the call's id, as those of a Troupe service are that derives all its ids from it.
  /// Of others only those count as idempotent that their contract declares so (`idempotency_level`).
  policies::callee callee = policies::callee::any;
};

/// Spawns an actor that makes the calls of a contract dependable, as `resilient_calls` does.
contract_actor spawn_resilient_client(const spawn_context& context, resilient_client_config config);

} // namespace troupe::actors
