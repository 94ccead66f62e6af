#pragma once

#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/http/client_config.hpp>
#include <troupe/messages/ports/contract.hpp>

namespace troupe::http {

/// Why a contract cannot be called over HTTP: none of its methods has a `google.api.http` option, or one has a mistake.
/// Empty: it can.
std::vector<std::string> mistakes_of_client(const google::protobuf::ServiceDescriptor& contract);

/// Spawns the client of the contracts of one server, whose methods it calls by their `google.api.http` options, on
/// connections that are kept alive. A path of the target stands before those of the routes. It asks once; besides the
/// deadline, retry, budget and breaker belong to its caller. Of several bindings of a method it takes the first that can
/// carry the request. Its errors are those of `spawn_greeter_client`, and:
///
/// - the status of an answer whose body is a `google.rpc.Status` in JSON under the HTTP status of its code, with its details
///   as far as their types are linked; any other answer that is no success counts by its HTTP status alone
/// - `invalid` for a request that no binding can carry, such as one with an empty path variable; nothing was sent
/// - `unsupported` for a method without a binding, or of another contract
/// - `internal` for an answer that is not what the method answers
///
/// The call's metadata are headers, but for those whose name ends in `-bin`. Throws `std::invalid_argument` for a
/// configuration that `validate` refuses, a target with a query, and a contract with mistakes.
contract_actor spawn_contract_client(const spawn_context& context, client_config config,
                                     const std::vector<const google::protobuf::ServiceDescriptor*>& contracts);

} // namespace troupe::http
