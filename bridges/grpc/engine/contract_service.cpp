#include <troupe/bridges/grpc/engine/contract_service.hpp>

#include <utility>

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

namespace troupe::grpc {

namespace {

using google::protobuf::Message;
using google::protobuf::MessageLite;

expected<std::shared_ptr<const Message>> decode(const Message& prototype, const ::grpc::ByteBuffer& bytes) {
  std::shared_ptr<Message> result{prototype.New()};
  auto read = bytes; // which shares the bytes
  if (!::grpc::GenericDeserialize<::grpc::ProtoBufferReader, MessageLite>(&read, result.get()).ok())
    return failure{errc::invalid, "the request is no " + prototype.GetTypeName()};
  return std::shared_ptr<const Message>{std::move(result)};
}

} // namespace

class contract_service::contract_call final : public server_call {
public:
  using answer_type = contract_answer;

  contract_call(const contract_service& of, const contract_method& called, ::grpc::CallbackServerContext& within,
                const ::grpc::ByteBuffer& request, ::grpc::ByteBuffer& response)
    : server_call(called.served, within), service_(of), method_(called), request_(request), response_(response) {}

  using server_call::end;
  void end(const contract_answer& answer) {
    bool owned = true;
    if (answer.response->GetDescriptor() != method_.descriptor->output_type())
      return end(
        failure{errc::internal, method_.descriptor->full_name() + " was answered with a " + answer.response->GetTypeName()});
    if (!::grpc::GenericSerialize<::grpc::ProtoBufferWriter, MessageLite>(*answer.response, &response_, &owned).ok())
      return end(failure{errc::internal, "the answer of " + method_.descriptor->full_name() + " could not be serialized"});
    auto trailing = encode_answer_metadata(answer.metadata);
    if (!trailing)
      return end(std::move(trailing).error());
    finish_with(*trailing);
  }

private:
  expected<void> send(received_context received, admission taken) override {
    auto request = decode(*method_.request, request_);
    if (!request)
      return std::move(request).error();
    id_ = received.context.id;
    send_to(service_.actor_, troupe::contract_call{method_.descriptor, std::move(*request), std::move(received.context)},
            *this, std::move(taken));
    return {};
  }
  [[nodiscard]] header_list error_metadata() const override { return encode_error_metadata(id_); }

  const contract_service& service_;
  const contract_method& method_;
  const ::grpc::ByteBuffer& request_;
  ::grpc::ByteBuffer& response_;
  std::string id_;
};

contract_service::contract_service(const std::shared_ptr<call_floor>& all, const server_config& config,
                                   const served_contract& served)
  : contract_(*served.contract), actor_(served.actor) {
  methods_.reserve(static_cast<std::size_t>(contract_.method_count()));
  for (int number = 0; number < contract_.method_count(); ++number) {
    const auto& rpc = *contract_.method(number);
    methods_.push_back({&rpc, "/" + contract_.full_name() + "/" + rpc.name(),
                        google::protobuf::MessageFactory::generated_factory()->GetPrototype(rpc.input_type()),
                        make_served_method(all, config, contract_.full_name(), rpc.name())});
    const auto& called = methods_.back();
    AddMethod(new ::grpc::internal::RpcServiceMethod(called.path.c_str(), ::grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodRawCallback(
      number, new ::grpc::internal::CallbackUnaryHandler<::grpc::ByteBuffer, ::grpc::ByteBuffer>(
                [this, &called](::grpc::CallbackServerContext* context, const ::grpc::ByteBuffer* request,
                                ::grpc::ByteBuffer* response) { return begin(called, *context, *request, *response); }));
  }
  to_grpc_.give();
}

::grpc::ServerUnaryReactor* contract_service::begin(const contract_method& called, ::grpc::CallbackServerContext& context,
                                                    const ::grpc::ByteBuffer& request, ::grpc::ByteBuffer& response) {
  to_grpc_.take();
  auto* const begun = new contract_call{*this, called, context, request, response}; // deleted by OnDone
  begun->begin();
  return begun;
}

} // namespace troupe::grpc
