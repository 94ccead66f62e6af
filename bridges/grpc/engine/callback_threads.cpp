#include <troupe/bridges/grpc/engine/callback_threads.hpp>

#include <atomic>
#include <memory>
#include <mutex>

#include <greeting.grpc.pb.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

namespace troupe::grpc {

// One channel, which leads nowhere, uses them.
void keep_callback_threads() {
  struct nowhere {
    std::unique_ptr<::greeting::GreetingService::Stub> stub =
      ::greeting::GreetingService::NewStub(::grpc::CreateChannel("", nullptr)); // without credentials: every call fails
    ::grpc::ClientContext context;
    ::greeting::GreetingRequest request;
    ::greeting::GreetingResponse response;
  };
  static std::atomic<nowhere*> kept{nullptr}; // never deleted
  static std::once_flag once;
  std::call_once(once, [] {
    auto& made = *(kept = new nowhere);
    made.stub->async()->Greeting(&made.context, &made.request, &made.response, [](const ::grpc::Status& /*refused*/) {});
  });
}

} // namespace troupe::grpc
