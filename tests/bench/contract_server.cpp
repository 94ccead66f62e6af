// The same contract as that of the bare servers, as a service author has it: a handler behind the gRPC bridge or, with
// --rest, behind an HTTP listener. Prints its port. The handler is a coroutine or, with --callback, an actor written by
// hand, against which the coroutine is measured; with --before it is the client of a gRPC server.

#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <caf/all.hpp>

#include <troupe/bridges/grpc/client.hpp>
#include <troupe/bridges/grpc/server.hpp>
#include <troupe/bridges/http/contract_routes.hpp>
#include <troupe/bridges/http/listener.hpp>

#include "end_signal.hpp"
#include "figure.hpp"
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

void wait_behind(std::uint16_t port, const troupe::bench::end_signal& ending) {
  std::cout << port << std::endl;
  ending.wait();
}

template <class T>
T value_of(troupe::expected<T> made) {
  if (!made)
    troupe::bench::give_up(to_string(made.error()));
  return std::move(*made);
}

} // namespace

int main(int argc, char** argv) {
  troupe::bench::options options{"A Troupe server of the greeting contract, from an author's handler; prints its port"};
  bool callback = false;
  bool rest = false;
  std::string before;
  options.add("--callback", callback, "instead of a coroutine");
  options.add("--rest", rest, "serve HTTP and JSON, not gRPC");
  options.add("--before", before, "ADDRESS:PORT of a gRPC server that answers, instead of a handler");
  options.parse(argc, argv);
  const troupe::bench::end_signal ending;
  const auto& contract = greeting::greeting_service_service::contract();

  troupe::register_message_types();
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto spawn = [&]() -> troupe::contract_actor {
    const auto context = troupe::unsupervised(system, "greeter/contract");
    if (!before.empty()) {
      troupe::grpc::client_config to;
      to.target = before;
      return troupe::grpc::spawn_contract_client(context, to, contract);
    }
    if (callback)
      return system.spawn(by_hand);
    return troupe::spawn_contract_service(context, {.make = troupe::make_service<greeter>, .callees = {}});
  };
  const troupe::served_contract served{&contract, spawn()};
  if (rest) {
    troupe::http::listener_options with;
    with.name = "edge";
    with.where = {"127.0.0.1", 0};
    with.routes = value_of(troupe::http::contract_routes({served}, {.at_most = std::chrono::seconds{5}}));
    const auto edge = value_of(troupe::http::listener::listen(std::move(with)));
    wait_behind(edge->local().port, ending);
  } else {
    const auto server = value_of(troupe::grpc::server::listen({.service = "greeter", .listen = {"127.0.0.1", 0}, .tls = {}},
                                                              {.greeter = {}, .contracts = {served}}));
    wait_behind(server->local().port, ending);
  }
  troupe::ask_to_end(served.actor, caf::exit_reason::user_shutdown);
}
