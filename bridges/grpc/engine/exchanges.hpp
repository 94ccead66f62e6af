#pragma once

#include <memory>

#include <troupe/bridges/grpc/config.hpp>
#include <troupe/bridges/grpc/engine/channel.hpp>
#include <troupe/messages/values/call.hpp>
#include <troupe/messages/values/greeting.hpp>

namespace google::protobuf {
class ServiceDescriptor;
} // namespace google::protobuf

namespace troupe::grpc {

/// A call of a contract.
class contract_exchange final : public exchange {
public:
  using answer_type = contract_answer;

  explicit contract_exchange(const contract_call& call);

  [[nodiscard]] const google::protobuf::MessageLite& request() const override;
  [[nodiscard]] google::protobuf::MessageLite& response() override;
  expected<void> read(header_list trailing) override;

  contract_answer take() { return std::move(answer_); }

private:
  std::shared_ptr<const google::protobuf::Message> request_;
  contract_answer answer_;
};

/// A call of the reference platform's contract, of either version.
class greeting_exchange : public exchange {
public:
  using answer_type = greeting_answer;

  greeting_answer take() { return std::move(answer_); }

protected:
  greeting_answer answer_;
};

/// For a callee that speaks this version.
std::shared_ptr<greeting_exchange> make_greeting_exchange(package contract, const greet& call);

/// The methods of a contract by their indices.
std::vector<called_method> methods_of(const google::protobuf::ServiceDescriptor& contract);

/// The one method of the reference platform's contract.
std::vector<called_method> methods_of(package contract);

} // namespace troupe::grpc
