#pragma once

#include <memory>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <troupe/bridges/grpc/engine/call.hpp>
#include <troupe/bridges/grpc/engine/handover.hpp>
#include <troupe/messages/ports/contract.hpp>

namespace troupe::grpc {

/// The service of a contract, whose calls an actor answers.
class contract_service final : public ::grpc::Service {
public:
  /// The contract's rpcs must be unary.
  contract_service(const std::shared_ptr<call_floor>& all, const server_config& config, const served_contract& served);

  [[nodiscard]] const std::string& name() const noexcept { return contract_.full_name(); }

  /// Drops the answers that still come.
  void close() { actor_.close(); }

private:
  struct contract_method {
    const google::protobuf::MethodDescriptor* descriptor;
    std::string path; ///< "/shop.Orders/Place"
    const google::protobuf::Message* request;
    std::shared_ptr<served_method> served;
  };
  class contract_call;

  ::grpc::ServerUnaryReactor* begin(const contract_method& called, ::grpc::CallbackServerContext& context,
                                    const ::grpc::ByteBuffer& request, ::grpc::ByteBuffer& response);

  const google::protobuf::ServiceDescriptor& contract_;
  actor_client<contract_actor> actor_;
  std::vector<contract_method> methods_;
  handover to_grpc_;
};

} // namespace troupe::grpc
