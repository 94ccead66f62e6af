#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/grpc/config.hpp>
#include <troupe/messages/ports/greeter.hpp>

namespace troupe::grpc {

/// Spawns a greeter that asks a gRPC server: one connection to each of its addresses, taken in turn, opened by the first
/// call and again whenever it breaks. It decides nothing: no retry, no breaker. A caller that leaves cancels its call, and
/// so does the actor's end. Beside the codes that statuses mean (`throttled`, `unauthenticated`, ...):
///
/// - `deadline_exceeded`: no time was left to send, or none to wait.
/// - `not_sent`: no connection ever took the call; it has had no effect.
/// - `untrusted`: the same, because the server could not prove its identity.
/// - `outcome_unknown`: a connection that had taken the call broke, or a peer that is no Troupe service said `UNAVAILABLE`,
///   which a proxy may say for the same reason.
/// - `rejected`: the call or its answer is larger than its receiver takes.
/// - `undecodable`: the answer's times cannot be read.
/// - `overloaded`: too many calls wait here already.
///
/// Throws `std::invalid_argument` for a configuration that is wrong and for TLS files that cannot be used.
greeter_actor spawn_greeter_client(const spawn_context& context, client_config config);

} // namespace troupe::grpc
