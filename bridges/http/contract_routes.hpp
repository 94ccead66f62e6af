#pragma once

#include <vector>

#include <troupe/bridges/http/route.hpp>
#include <troupe/messages/ports/contract.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/identifier.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::http {

/// What the REST routes of contracts are served with.
struct contract_terms {
  duration at_most{};                   ///< for an answer
  std::size_t body = 4UL * 1024 * 1024; ///< bytes of one request's; the listener's own bound counts too
  observer_ptr watcher = silent_observer();
  random_source random = system_random(); ///< for call and trace ids; asked by one thread at a time
};

/// The REST routes that contracts declare with `google.api.http`, for a listener: requests are answered by the contracts'
/// actors, in protobuf's JSON mapping, and errors with a `google.rpc.Status` as JSON under the HTTP status of its code
/// (google/rpc/code.proto). A `google.api.HttpBody` that is the body of a request or an answer is one of any media type; an
/// answer's that no header can carry is an error of the handler, `internal`. What follows a response is answered as
/// `Grpc-Metadata-NAME`; what describes such a body (`content-disposition`, `cache-control` and their like) as itself too.
///
/// Fails with `invalid` and every mistake of the options, by file and rpc.
expected<std::vector<route>> contract_routes(const std::vector<served_contract>& contracts, contract_terms terms);

} // namespace troupe::http
