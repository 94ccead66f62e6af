// A greeter of somebody else's behind a gRPC server, asked through a gRPC client, on an installed Troupe.

#include <iostream>

#include <troupe/bridges/grpc/client.hpp>
#include <troupe/bridges/grpc/server.hpp>
#include <troupe/messages/values/identifier.hpp>

namespace {

class herald {
public:
  explicit herald(troupe::greeter_actor::pointer /*self*/) {}

  troupe::greeter_actor::behavior_type make_behavior() {
    return {[](const troupe::greet& call) -> caf::result<troupe::greeting_answer> {
      const troupe::greeting own{
        troupe::derived_uuid(call.call_id, "herald"), "Herald", "Hear ye!", troupe::system_now(), {}};
      return troupe::greeting_answer{{{own}, {}}, {}};
    }};
  }
};

} // namespace

int main() {
  troupe::register_message_types();
  caf::actor_system_config config;
  caf::actor_system system{config};

  const auto greeter = troupe::spawn_supervised<troupe::greeter_actor, herald>(troupe::unsupervised(system, "herald"));
  auto served =
    troupe::grpc::server::listen({.service = "herald", .listen = {"127.0.0.1", 0}, .tls = {}}, {.greeter = greeter});
  if (!served) {
    std::cerr << to_string(served.error()) << '\n';
    return 1;
  }
  troupe::grpc::client_config to_it;
  to_it.target = to_string((*served)->local());
  const auto client = troupe::grpc::spawn_greeter_client(troupe::unsupervised(system, "client"), to_it);

  caf::scoped_actor self{system};
  troupe::ask(&*self, client, std::chrono::seconds{20}, troupe::greet{})
    .receive([](const troupe::greeting_answer& answer) { std::cout << answer.tree.own.at(0).message << '\n'; },
             [](const caf::error& why) { std::cout << to_string(troupe::to_failure(why)) << '\n'; });

  troupe::ask_to_end(client, caf::exit_reason::user_shutdown);
  troupe::ask_to_end(greeter, caf::exit_reason::user_shutdown);
}
