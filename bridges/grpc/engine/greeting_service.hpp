#pragma once

#include <memory>
#include <string>

#include <greeting.grpc.pb.h>
#include <greeting_v3.grpc.pb.h>

#include <troupe/bridges/grpc/engine/arena.hpp>
#include <troupe/bridges/grpc/engine/call.hpp>
#include <troupe/bridges/grpc/engine/codec.hpp>
#include <troupe/messages/ports/greeter.hpp>

namespace troupe::grpc {

/// A call of the reference platform's contract, of either version.
class greeting_call : public server_call {
public:
  using answer_type = greeting_answer;

  greeting_call(std::shared_ptr<served_method> method, ::grpc::CallbackServerContext& within,
                const actor_client<greeter_actor>& greeter, expected<std::optional<greeting>> caller)
    : server_call(std::move(method), within), greeter_(greeter), caller_(std::move(caller)) {}

  using server_call::end;
  void end(const greeting_answer& answer);

protected:
  virtual void write(const greeting_tree& tree, greeting_order order) = 0;

private:
  expected<void> send(received_context received, admission taken) final;
  [[nodiscard]] header_list error_metadata() const final { return encode_error_metadata(order_); }

  const actor_client<greeter_actor>& greeter_;
  expected<std::optional<greeting>> caller_; // what its request says
  greeting_order order_ = greeting_order::pre_order;
};

/// The service of one version, as generated code calls it.
template <class Service, class Request, class Response>
class greeting_service final : public Service::CallbackService {
public:
  greeting_service(const std::shared_ptr<call_floor>& all, const server_config& config, actor_client<greeter_actor> greeter)
    : method_(make_served_method(all, config, Service::service_full_name(), "Greeting")), greeter_(std::move(greeter)) {
    this->SetMessageAllocatorFor_Greeting(&messages_);
    to_grpc_.give();
  }

  ::grpc::ServerUnaryReactor* Greeting(::grpc::CallbackServerContext* context, const Request* request,
                                       Response* response) override {
    class typed_call final : public greeting_call {
    public:
      typed_call(const greeting_service& of, ::grpc::CallbackServerContext& within, const Request& in, Response& out)
        : greeting_call(of.method_, within, of.greeter_, decode_request(in)), out_(out) {}

    private:
      void write(const greeting_tree& tree, greeting_order order) override { encode_response(tree, order, out_); }

      Response& out_;
    };
    to_grpc_.take();
    auto* const begun = new typed_call{*this, *context, *request, *response}; // deleted by OnDone
    begun->begin();
    return begun;
  }

  [[nodiscard]] static std::string name() { return Service::service_full_name(); }

  /// Drops the answers that still come.
  void close() { greeter_.close(); }

private:
  std::shared_ptr<served_method> method_;
  actor_client<greeter_actor> greeter_;
  arena_allocator<Request, Response> messages_;
  handover to_grpc_;
};

using service_2019 =
  greeting_service<::greeting::GreetingService, ::greeting::GreetingRequest, ::greeting::GreetingResponse>;
using service_2021 =
  greeting_service<::greeting::v3::GreetingService, ::greeting::v3::GreetingRequest, ::greeting::v3::GreetingResponse>;

} // namespace troupe::grpc
