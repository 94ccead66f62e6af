// Load on a gRPC server: so many calls of the greeting contract under way at once on one channel, for a while. Prints the
// rate and quantiles of the latency as JSON. A call that fails, or lacks a greeting, ends it with 1.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <latch>
#include <memory>
#include <string>
#include <vector>

#include <greeting.grpc.pb.h>
#include <grpcpp/create_channel.h>

#include "options.hpp"

namespace {

using greeting::GreetingRequest;
using greeting::GreetingResponse;
using greeting::GreetingService;
using steady = std::chrono::steady_clock;

// One of the callers: its next call begins when its last has ended.
class caller {
public:
  caller(GreetingService::Stub& stub, int greetings, steady::time_point until, std::latch& done)
    : stub_(stub), greetings_(greetings), until_(until), done_(done) {}

  void call() {
    context_ = std::make_unique<grpc::ClientContext>();
    context_->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{10});
    response_.Clear();
    begun_ = steady::now();
    stub_.async()->Greeting(context_.get(), &request_, &response_, [this](const grpc::Status& how) { ended(how); });
  }

  [[nodiscard]] const std::vector<float>& latencies() const noexcept { return latencies_; }
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }

private:
  void ended(const grpc::Status& how) {
    const auto now = steady::now();
    latencies_.push_back(std::chrono::duration<float, std::milli>(now - begun_).count());
    if (!how.ok() || response_.greeting_size() != greetings_)
      complaint_ = how.ok() ? std::to_string(response_.greeting_size()) + " greetings" : how.error_message();
    if (!complaint_.empty() || now >= until_)
      done_.count_down();
    else
      call();
  }

  GreetingService::Stub& stub_;
  const int greetings_;
  const steady::time_point until_;
  std::latch& done_;
  std::unique_ptr<grpc::ClientContext> context_;
  GreetingRequest request_;
  GreetingResponse response_;
  steady::time_point begun_;
  std::vector<float> latencies_;
  std::string complaint_;
};

} // namespace

int main(int argc, char** argv) {
  troupe::bench::options options{"Load on a gRPC server of the greeting contract"};
  std::string address;
  int callers = 25;
  int greetings = 1;
  double seconds = 5;
  options.add("ADDRESS", address);
  options.add("--callers", callers);
  options.add("--greetings", greetings, "in each answer");
  options.add("--seconds", seconds);
  options.parse(argc, argv);

  const auto stub = GreetingService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  const auto begun = steady::now();
  const auto until = begun + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(seconds));
  std::latch done{callers};
  std::vector<std::unique_ptr<caller>> all;
  for (int i = 0; i < callers; ++i)
    all.push_back(std::make_unique<caller>(*stub, greetings, until, done));
  for (auto& each : all)
    each->call();
  done.wait();
  const std::chrono::duration<double> took = steady::now() - begun;
  std::vector<float> latencies;
  for (const auto& each : all) {
    if (!each->complaint().empty()) {
      std::cerr << each->complaint() << '\n';
      return 1;
    }
    latencies.insert(latencies.end(), each->latencies().begin(), each->latencies().end());
  }
  std::sort(latencies.begin(), latencies.end());
  const auto quantile = [&](double share) {
    return latencies[static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1))];
  };
  std::cout << "{\"rate\": " << static_cast<double>(latencies.size()) / took.count() << ", \"p50\": " << quantile(0.5)
            << ", \"p99\": " << quantile(0.99) << "}\n";
}
