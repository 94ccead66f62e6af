#pragma once

#include <string>

#include <troupe/actors/resilient_calls.hpp>
#include <troupe/messages/ports/greeter.hpp>

namespace troupe::actors {

struct resilient_greeter_config : resilience_config {
  greeter_actor to; ///< usually a client of a bridge, which asks once and reports the outcome
  std::string name; ///< of the callee, as in the topology
  policies::callee callee = policies::callee::any;
};

/// Spawns a greeter that makes another one's outbound calls dependable, as `resilient_calls` does.
greeter_actor spawn_resilient_greeter(const spawn_context& context, resilient_greeter_config config);

} // namespace troupe::actors
