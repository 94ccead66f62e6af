#pragma once

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/call.hpp>

namespace google::protobuf {
class ServiceDescriptor;
} // namespace google::protobuf

namespace troupe {

/// Answers the calls of a contract, which is a protobuf service: an actor in this process, a gRPC client.
///
/// - `contract_call` -> the response. Answers within `call_context::answer_by`. The error of a handler or a peer has its
///   `google.rpc.Status` in `failure::status` where one was given. A method of another contract fails with `unsupported`.
using contract_actor = caf::typed_actor<caf::result<contract_answer>(contract_call)>;

/// A contract, and the actor that answers its calls: what a server serves.
struct served_contract {
  const google::protobuf::ServiceDescriptor* contract = nullptr; ///< of the generated pool
  contract_actor actor;
};

} // namespace troupe
