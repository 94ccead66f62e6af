#include "support.hpp"

#include <stdexcept>

namespace troupe::grpc_test {

greeting_answer two_greetings() {
  const timestamp at{std::chrono::seconds{1555381396} + std::chrono::nanoseconds{546749266}};
  greeting_answer result;
  result.tree.own.push_back({"id-a", "Service-A", "Hello", at, "host-a"});
  greeting_tree below;
  below.own.push_back({"id-b", "Service-B", "Namaste", at, "host-b"});
  result.tree.downstream.push_back(std::move(below));
  return result;
}

errc code_of(const outcome& what) {
  return what ? errc::none : what.error().code;
}

std::string reason_of(const outcome& what) {
  return what ? std::string{} : what.error().reason;
}

std::string services_of(const outcome& what) {
  if (!what)
    return to_string(what.error());
  std::string result;
  for (const auto& each : flatten(what->tree, greeting_order::pre_order))
    result += (result.empty() ? "" : ",") + each.service;
  return result;
}

fixture::fixture() {
  lines->answer_by([](const greet&) { return two_greetings(); });
  greeter = contract::spawn_scripted_service(system, lines, two_greetings());
  config.service = "service-a";
  config.listen = {"127.0.0.1", 0};
}

fixture::~fixture() {
  for (const auto& each : clients)
    ask_to_end(each, caf::exit_reason::user_shutdown);
  clients.clear();
  served.reset();
  ask_to_end(greeter, caf::exit_reason::user_shutdown);
}

void fixture::listen() {
  auto made = grpc::server::listen(config, {greeter, watcher});
  if (!made)
    throw std::runtime_error(to_string(made.error()));
  served = std::move(*made);
}

grpc::client_config fixture::to_server() const {
  grpc::client_config result;
  result.target = to_string(served->local());
  return result;
}

greeter_actor fixture::connect(grpc::client_config how) {
  clients.push_back(grpc::spawn_greeter_client(unsupervised(system, "service-b/client", watcher), std::move(how)));
  return clients.back();
}

outcome fixture::ask(const greeter_actor& whom, greet what) {
  caf::scoped_actor self{system};
  outcome result{failure{errc::internal, "no outcome came"}};
  self->request(whom, std::chrono::nanoseconds{2 * patience}, std::move(what))
    .receive([&](greeting_answer& answer) { result = std::move(answer); },
             [&](const caf::error& why) { result = to_failure(why); });
  return result;
}

outcome fixture::ask_until_answered(const greeter_actor& whom) {
  const auto until = std::chrono::steady_clock::now() + patience;
  auto answer = ask(whom);
  while ((code_of(answer) == errc::not_sent || code_of(answer) == errc::untrusted)
         && std::chrono::steady_clock::now() < until)
    answer = ask(whom);
  return answer;
}

std::future<outcome> fixture::begin(const greeter_actor& whom, greet what) {
  return std::async(std::launch::async, [this, whom, call = std::move(what)] { return ask(whom, call); });
}

greet fixture::limited(duration within) const {
  static const auto random = system_random();
  greet result;
  result.call_id = random_uuid(random);
  result.answer_by = deadline::after(within, std::chrono::steady_clock::now());
  return result;
}

void fixture::release() {
  contract::release_held(greeter);
}

} // namespace troupe::grpc_test
