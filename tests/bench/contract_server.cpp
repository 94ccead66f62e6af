// The same contract as that of the bare server, as a service author has it: a handler behind the gRPC bridge. Prints its
// port. The handler is a coroutine or, with --callback, an actor written by hand, against which the coroutine is measured.

#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <string>

#include <caf/all.hpp>

#include <troupe/bridges/grpc/server.hpp>

#include "greeting.troupe.hpp"
#include "options.hpp"

namespace {

using greeting::GreetingRequest;
using greeting::GreetingResponse;

GreetingResponse answer() {
  GreetingResponse result;
  auto& own = *result.add_greeting();
  own.set_id("0b9b2f0e-2f6f-4d0c-9d7e-0d2f5a6c7b8a");
  own.set_service("Service-H");
  own.set_message("Ciao, from Service-H!");
  own.set_created("2019-04-16 02:23:16.546749266 +0000 UTC");
  return result;
}

class greeter final : public greeting::greeting_service_service {
public:
  troupe::task<GreetingResponse> greeting(const GreetingRequest& /*request*/, troupe::call& /*at*/) override {
    co_return answer();
  }
};

troupe::contract_actor::behavior_type by_hand(troupe::contract_actor::pointer /*self*/) {
  return {[](troupe::contract_call&) { return troupe::contract_answer{std::make_shared<GreetingResponse>(answer())}; }};
}

} // namespace

int main(int argc, char** argv) {
  troupe::bench::options options{"A Troupe server of the greeting contract, from an author's handler; prints its port"};
  bool callback = false;
  options.add("--callback", callback, "instead of a coroutine");
  options.parse(argc, argv);

  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  troupe::register_message_types();
  caf::actor_system_config config;
  caf::actor_system system{config};
  const troupe::contract_actor handler =
    callback ? system.spawn(by_hand)
             : troupe::spawn_contract_service(troupe::unsupervised(system, "greeter/contract"),
                                              {.make = troupe::make_service<greeter>, .callees = {}});
  {
    auto server = troupe::grpc::server::listen(
      {.service = "greeter", .listen = {"127.0.0.1", 0}, .tls = {}},
      {.greeter = {}, .contracts = {{&greeting::greeting_service_service::contract(), handler}}});
    if (!server) {
      std::cerr << to_string(server.error()) << '\n';
      return 1;
    }
    std::cout << (*server)->local().port << std::endl;
    int which = 0;
    sigwait(&ending, &which);
  }
  troupe::ask_to_end(handler, caf::exit_reason::user_shutdown);
}
