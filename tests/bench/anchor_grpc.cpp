// What the services of separate processes are measured against: a bare callback server of the contract of 2019 that answers
// its own greeting and, before it, fans out to its downstream servers through bare callback stubs. Links nothing of ours. It
// takes its locks as our bridge does, without looking for circles among them.

#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <absl/synchronization/mutex.h>
#include <greeting.grpc.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "end_signal.hpp"
#include "options.hpp"

namespace {

using greeting::GreetingRequest;
using greeting::GreetingResponse;
using greeting::GreetingService;

// One call with its calls to the downstream servers, all under way at once.
struct fan_out {
  struct part {
    grpc::ClientContext context;
    GreetingRequest request;
    GreetingResponse response;
  };

  fan_out(std::size_t count, GreetingResponse& to, grpc::ServerUnaryReactor& done)
    : parts(count), left(count), response(to), reactor(done) {}

  void ended() {
    if (left.fetch_sub(1) > 1)
      return;
    for (auto& each : parts)
      for (auto& one : *each.response.mutable_greeting())
        response.add_greeting()->Swap(&one);
    reactor.Finish(grpc::Status::OK);
  }

  std::vector<part> parts;
  std::atomic<std::size_t> left;
  GreetingResponse& response;
  grpc::ServerUnaryReactor& reactor;
};

class service final : public GreetingService::CallbackService {
public:
  service(std::string name, std::string text, const std::vector<std::string>& downstream)
    : name_(std::move(name)), text_(std::move(text)) {
    for (const auto& each : downstream)
      downstream_.push_back(GreetingService::NewStub(grpc::CreateChannel(each, grpc::InsecureChannelCredentials())));
  }

  grpc::ServerUnaryReactor* Greeting(grpc::CallbackServerContext* context, const GreetingRequest* /*request*/,
                                     GreetingResponse* response) override {
    auto* const reactor = context->DefaultReactor();
    auto* const own = response->add_greeting();
    own->set_id("0b9b2f0e-2f6f-4d0c-9d7e-0d2f5a6c7b8a");
    own->set_service(name_);
    own->set_message(text_);
    own->set_created("2019-04-16 02:23:16.546749266 +0000 UTC");
    if (downstream_.empty()) {
      reactor->Finish(grpc::Status::OK);
      return reactor;
    }
    const auto call = std::make_shared<fan_out>(downstream_.size(), *response, *reactor);
    for (std::size_t at = 0; at != downstream_.size(); ++at) {
      auto& part = call->parts[at];
      part.context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{5});
      downstream_[at]->async()->Greeting(&part.context, &part.request, &part.response,
                                         [call](const grpc::Status& /*how*/) { call->ended(); });
    }
    return reactor;
  }

private:
  std::string name_;
  std::string text_;
  std::vector<std::unique_ptr<GreetingService::Stub>> downstream_;
};

} // namespace

int main(int argc, char** argv) {
  troupe::bench::options options{"A bare gRPC server of the greeting contract; prints its port"};
  std::string name = "Service-H";
  std::string text = "Ciao, from Service-H!";
  std::vector<std::string> downstream;
  options.add("--name", name);
  options.add("--text", text);
  options.add("--calls", downstream, "ADDRESS:PORT of the servers to ask");
  options.parse(argc, argv);
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  const troupe::bench::end_signal ending;

  service body{name, text, downstream};
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&body);
  const auto server = builder.BuildAndStart();
  if (!server)
    return 1;
  std::cout << port << std::endl;
  ending.wait();
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}
