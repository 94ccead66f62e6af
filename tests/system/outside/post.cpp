// A contract of somebody else's, served and called over gRPC, on an installed Troupe.

#include <iostream>

#include <troupe/actors/contracts/service.hpp>
#include <troupe/bridges/grpc/client.hpp>
#include <troupe/bridges/grpc/server.hpp>
#include <troupe/messages/values/identifier.hpp>

#include "mail/post.troupe.hpp"

struct post : mail::post_service {
  troupe::task<google::protobuf::Empty> send(const mail::Letter& request, troupe::call& /*at*/) override {
    std::cout << "to " << request.to() << '\n';
    co_return google::protobuf::Empty{};
  }
};

int main() {
  troupe::register_message_types();
  caf::actor_system_config config;
  caf::actor_system system{config};

  const auto& contract = mail::post_service::contract();
  const auto service = troupe::spawn_contract_service(troupe::unsupervised(system, "post/contract"),
                                                      {.make = troupe::make_service<post>, .callees = {}});
  auto served = troupe::grpc::server::listen({.service = "post", .listen = {"127.0.0.1", 0}, .tls = {}},
                                             {.greeter = {}, .contracts = {{&contract, service}}});
  if (!served) {
    std::cerr << to_string(served.error()) << '\n';
    return 1;
  }
  troupe::grpc::client_config to_it;
  to_it.target = to_string((*served)->local());
  const auto client = troupe::grpc::spawn_contract_client(troupe::unsupervised(system, "client"), to_it, contract);

  const auto letter = std::make_shared<mail::Letter>();
  letter->set_to("Bergen");
  troupe::contract_call send{contract.method(0), letter, {}};
  send.context.id = troupe::random_uuid(troupe::system_random());
  caf::scoped_actor self{system};
  troupe::ask(&*self, client, std::chrono::seconds{20}, std::move(send))
    .receive([](const troupe::contract_answer& answer) { std::cout << answer.response->GetTypeName() << '\n'; },
             [](const caf::error& why) { std::cout << to_string(troupe::to_failure(why)) << '\n'; });

  troupe::ask_to_end(client, caf::exit_reason::user_shutdown);
  troupe::ask_to_end(service, caf::exit_reason::user_shutdown);
}
