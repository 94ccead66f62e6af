#include <troupe/deploy/node/process/peers.hpp>

#include <algorithm>
#include <utility>

#include <troupe/bridges/grpc/client.hpp>
#include <troupe/bridges/grpc/gateway.hpp>
#include <troupe/bridges/grpc/tls.hpp>
#include <troupe/bridges/http/greeter_client.hpp>

namespace troupe::node {

namespace {

using scheme = peer_address::scheme;

void add_paths(grpc::package contract, std::vector<std::string>& paths) {
  for (auto& route : grpc::rest_routes(contract))
    if (route.verb == "GET" && std::ranges::find(paths, route.path) == paths.end())
      paths.push_back(std::move(route.path));
}

} // namespace

grpc::client_config grpc_client_of(const process_plan& plan, const peer_plan& peer) {
  grpc::client_config result{
    .target = peer.address.target, .contract = plan.node.grpc.package, .in_flight = plan.node.outbound.in_flight};
  result.proxy = plan.node.outbound.proxy;
  if (peer.address.how == scheme::grpcs)
    result.tls = plan.node.outbound.tls;
  if (peer.kind == policies::callee::idempotent)
    result.unbegun = grpc::unbegun_call::reported; // its calls are repeated whatever became of them
  return result;
}

std::function<greeter_actor(const spawn_context&)> client_factory(const process_plan& plan, const peer_plan& peer,
                                                                  std::shared_ptr<http::client_inbox> inbox) {
  if (peer.address.is_http())
    return [config = http::greeter_client_config{.via = std::move(inbox),
                                                 .name = peer.name,
                                                 .target = text_form<peer_address>::print(peer.address),
                                                 .tls = plan.node.outbound.tls,
                                                 .bounds = {.waiting = plan.node.outbound.in_flight}}](
             const spawn_context& context) { return http::spawn_greeter_client(context, config); };
  return [config = grpc_client_of(plan, peer)](const spawn_context& context) {
    return grpc::spawn_greeter_client(context, config);
  };
}

expected<void> check_peer_tls(const process_plan& plan) {
  const auto over_tls = [](const peer_plan& peer) {
    return peer.address.how == scheme::grpcs || peer.address.how == scheme::https;
  };
  return std::ranges::any_of(plan.peers, over_tls) ? grpc::check(plan.node.outbound.tls, grpc::tls_end::client)
                                                   : expected<void>{};
}

std::vector<std::string> gateway_paths(const process_plan& plan) {
  std::vector<std::string> paths;
  add_paths(grpc::package::greeting, paths);
  if (plan.has_gateway)
    add_paths(plan.node.grpc.package, paths);
  return paths;
}

} // namespace troupe::node
