#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <troupe/messages/values/deadline.hpp>
#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace google::protobuf {
class Message;
class MethodDescriptor;
} // namespace google::protobuf

namespace troupe {

/// The headers (metadata) that Troupe adds to a call of any contract.
namespace header_name {
inline constexpr std::string_view call_id = "troupe-call-id"; ///< a UUID: repeated, it has one effect
} // namespace header_name

/// What stands beside the request of a call.
struct call_context {
  /// Names this call over all its attempts: a UUID. A callee derives the ids of its effects and of its own calls from it.
  std::string id;
  trace_context trace;
  deadline answer_by;
  /// In a call that was received: the caller's metadata, without what belongs to one hop, the trace and Troupe. In a call
  /// that is sent: the callee's. Names are lower case; the value of a name that ends in `-bin` may be any bytes.
  header_list metadata;
  /// Requests a stop when the caller has left and wants no answer. Effects that have begun go on.
  std::stop_token abandoned = {};
};

/// A call of a method of a contract. Copies share the request, which nobody changes any more.
struct contract_call {
  const google::protobuf::MethodDescriptor* method = nullptr; ///< of the generated pool: lives as long as the process
  std::shared_ptr<const google::protobuf::Message> request;   ///< of the method's input type; never null
  call_context context;
};

/// The answer to it. Its receiver may take the response apart where nobody else shares it.
struct contract_answer {
  std::shared_ptr<google::protobuf::Message> response; ///< of the method's output type; never null
  header_list metadata = {};                           ///< that follows the response: gRPC's trailing metadata
};

} // namespace troupe
