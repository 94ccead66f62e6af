// What a contract through REST is measured against: a bare Beast server on one I/O thread that calls the contract's gRPC
// server through a bare callback stub, or with no such server answers by itself, and writes protobuf's JSON by hand. Links
// nothing of ours.

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include <absl/synchronization/mutex.h>
#include <boost/asio/post.hpp>
#include <google/protobuf/util/json_util.h>
#include <greeting.grpc.pb.h>
#include <grpcpp/create_channel.h>

#include "beast_server.hpp"
#include "figure.hpp"
#include "options.hpp"

namespace troupe::bench {

namespace {

using ::greeting::GreetingRequest;
using ::greeting::GreetingResponse;
using ::greeting::GreetingService;

std::string json_of(const GreetingResponse& response) {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(response, &json).ok())
    give_up("an answer has no JSON");
  return json;
}

class gateway {
public:
  explicit gateway(const std::string& server) : serving_([this](const beast_server::request& one) { return answer(one); }) {
    if (!server.empty())
      stub_ = GreetingService::NewStub(grpc::CreateChannel(server, grpc::InsecureChannelCredentials()));
  }

  [[nodiscard]] std::uint16_t port() const { return serving_.port(); }
  void run() { serving_.run(); }

private:
  // Shared with gRPC, which may answer when nobody waits any more.
  struct call {
    grpc::ClientContext context;
    GreetingRequest request;
    GreetingResponse response;
    grpc::Status status;
  };

  boost::asio::awaitable<std::string> answer(const beast_server::request& asked) {
    if (asked.target() != "/api/v1/greeting")
      give_up("another path was asked for");
    if (!stub_) {
      GreetingResponse response;
      auto& own = *response.add_greeting();
      own.set_id("0b9b2f0e-2f6f-4d0c-9d7e-0d2f5a6c7b8a");
      own.set_service("Service-H");
      own.set_message("Ciao, from Service-H!");
      own.set_created("2019-04-16 02:23:16.546749266 +0000 UTC");
      co_return json_of(response);
    }
    const auto one = std::make_shared<call>();
    one->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{5});
    co_await called_back([&](auto answered) {
      stub_->async()->Greeting(&one->context, &one->request, &one->response, [this, one, answered](grpc::Status how) {
        one->status = std::move(how);
        boost::asio::post(serving_.io(), answered);
      });
    });
    if (!one->status.ok())
      give_up(one->status.error_message());
    co_return json_of(one->response);
  }

  std::unique_ptr<GreetingService::Stub> stub_;
  beast_server serving_;
};

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  std::string before;
  troupe::bench::options options{"A bare REST server of the greeting contract; prints its port"};
  options.add("--before", before, "ADDRESS:PORT of a gRPC server that answers");
  options.parse(argc, argv);
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); // as our bridge takes its locks
  troupe::bench::gateway running{before};
  std::cout << running.port() << std::endl;
  running.run();
  std::_Exit(EXIT_SUCCESS); // calls may still be under way, and their answers on the way to its thread
}
