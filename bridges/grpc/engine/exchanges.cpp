#include <troupe/bridges/grpc/engine/exchanges.hpp>

#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <greeting.grpc.pb.h>
#include <greeting_v3.grpc.pb.h>

#include <troupe/bridges/grpc/engine/arena.hpp>
#include <troupe/bridges/grpc/engine/codec.hpp>
#include <troupe/bridges/grpc/metadata.hpp>

namespace troupe::grpc {

namespace {

template <class Request, class Response>
class typed_exchange final : public greeting_exchange {
public:
  explicit typed_exchange(const greet& call) { encode_request(call, request_); }

  [[nodiscard]] const google::protobuf::MessageLite& request() const override { return request_; }
  [[nodiscard]] google::protobuf::MessageLite& response() override { return response_; }

  expected<void> read(header_list trailing) override {
    auto greetings = decode_response(response_);
    if (!greetings)
      return std::move(greetings).error();
    answer_.tree.own = std::move(*greetings); // one node: its order is the peer's, which was asked for ours
    answer_.missing = decode_trailers(trailing);
    return {};
  }

private:
  Request request_;
  message_arena arena_;
  Response& response_ = *arena_.make<Response>();
};

using exchange_2019 = typed_exchange<::greeting::GreetingRequest, ::greeting::GreetingResponse>;
using exchange_2021 = typed_exchange<::greeting::v3::GreetingRequest, ::greeting::v3::GreetingResponse>;

} // namespace

contract_exchange::contract_exchange(const contract_call& call)
  : request_(call.request),
    answer_{std::shared_ptr<google::protobuf::Message>{
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(call.method->output_type())->New()}} {}

const google::protobuf::MessageLite& contract_exchange::request() const {
  return *request_;
}

google::protobuf::MessageLite& contract_exchange::response() {
  return *answer_.response;
}

expected<void> contract_exchange::read(header_list trailing) {
  answer_.metadata = std::move(trailing);
  return {};
}

std::shared_ptr<greeting_exchange> make_greeting_exchange(package contract, const greet& call) {
  if (contract == package::greeting)
    return std::make_shared<exchange_2019>(call);
  return std::make_shared<exchange_2021>(call);
}

std::vector<called_method> methods_of(const google::protobuf::ServiceDescriptor& contract) {
  std::vector<called_method> result;
  for (int number = 0; number < contract.method_count(); ++number)
    result.push_back({contract.full_name(), contract.method(number)->name()});
  return result;
}

std::vector<called_method> methods_of(package contract) {
  return {{contract == package::greeting ? ::greeting::GreetingService::service_full_name()
                                         : ::greeting::v3::GreetingService::service_full_name(),
           "Greeting"}};
}

} // namespace troupe::grpc
