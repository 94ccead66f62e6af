#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/grpc/config.hpp>
#include <troupe/messages/ports/contract.hpp>
#include <troupe/messages/ports/greeter.hpp>

namespace google::protobuf {
class ServiceDescriptor;
} // namespace google::protobuf

namespace troupe::grpc {

/// Spawns the client of a contract at a gRPC server: one connection to each of its addresses, taken in turn, opened by the
/// first call and again whenever it breaks. It decides nothing: no retry, no breaker. A caller that leaves cancels its call,
/// and so does the actor's end. Beside the codes that statuses mean (`throttled`, `unauthenticated`, ...):
///
/// - `deadline_exceeded`: no time was left to send, or none to wait.
/// - `not_sent`: no connection ever took the call; it has had no effect.
/// - `untrusted`: the same, because the server could not prove its identity.
/// - `outcome_unknown`: a connection that had taken the call broke, or a peer that is no Troupe service said `UNAVAILABLE`,
///   which a proxy may say for the same reason.
/// - `rejected`: the call or its answer is larger than its receiver takes.
/// - `undecodable`: a greeting's time cannot be read.
/// - `unsupported`: the method is none of the contract's.
/// - `overloaded`: too many calls wait here already.
///
/// An error that the server has sent carries its status.
///
/// Throws `std::invalid_argument` for a configuration that is wrong and for TLS files that cannot be used.
contract_actor spawn_contract_client(const spawn_context& context, client_config config,
                                     const google::protobuf::ServiceDescriptor& contract);

/// The same for a server of the reference platform's contract, of the version that `client_config::contract` names.
greeter_actor spawn_greeter_client(const spawn_context& context, client_config config);

} // namespace troupe::grpc
