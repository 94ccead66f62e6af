#include <troupe/actors/contracts/resilient_client.hpp>

#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

namespace troupe::actors {

namespace {

bool is_declared_idempotent(const google::protobuf::MethodDescriptor& method) {
  return method.options().idempotency_level() != google::protobuf::MethodOptions::IDEMPOTENCY_UNKNOWN;
}

struct contract_port {
  using actor = contract_actor;
  using call = contract_call;
  using answer = contract_answer;

  policies::callee kind;

  static trace_context& trace(call& one) { return one.context.trace; }
  static deadline& answer_by(call& one) { return one.context.answer_by; }
  static const std::stop_token& abandoned(const call& one) { return one.context.abandoned; }
  [[nodiscard]] policies::callee callee(const call& one) const {
    return is_declared_idempotent(*one.method) ? policies::callee::idempotent : kind;
  }
  static failure shortfall(const answer& /*given*/) { return {errc::none, {}}; }
};

} // namespace

contract_actor spawn_resilient_client(const spawn_context& context, resilient_client_config config) {
  return spawn_supervised<contract_actor, resilient_calls<contract_port>>(
    context, contract_port{config.callee}, std::move(config.to), std::move(config.name), config, context);
}

} // namespace troupe::actors
