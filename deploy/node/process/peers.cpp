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

bool is_called_over_http(const peer_plan& peer) noexcept {
  return peer.address.how == scheme::http || peer.address.how == scheme::https;
}

grpc::client_config grpc_client_of(const plan& what, const peer_plan& peer) {
  grpc::client_config result{.target = peer.address.target, .contract = what.package, .in_flight = what.outbound.in_flight};
  result.proxy = what.outbound.proxy;
  if (peer.address.how == scheme::grpcs)
    result.tls = what.outbound.tls;
  if (peer.kind == policies::callee::idempotent)
    result.unbegun = grpc::unbegun_call::reported; // its calls are repeated whatever became of them
  return result;
}

std::function<greeter_actor(const spawn_context&)> client_factory(const plan& what, const peer_plan& peer,
                                                                  std::shared_ptr<http::client_inbox> inbox) {
  if (is_called_over_http(peer))
    return [config = http::greeter_client_config{.via = std::move(inbox),
                                                 .name = peer.name,
                                                 .target = text_form<peer_address>::print(peer.address),
                                                 .tls = what.outbound.tls,
                                                 .bounds = {.waiting = what.outbound.in_flight}}](
             const spawn_context& where) { return http::spawn_greeter_client(where, config); };
  return
    [config = grpc_client_of(what, peer)](const spawn_context& where) { return grpc::spawn_greeter_client(where, config); };
}

expected<void> check_peer_tls(const plan& what) {
  const auto over_tls = [](const peer_plan& peer) {
    return peer.address.how == scheme::grpcs || peer.address.how == scheme::https;
  };
  return std::ranges::any_of(what.peers, over_tls) ? grpc::check(what.outbound.tls, grpc::tls_end::client)
                                                   : expected<void>{};
}

std::vector<std::string> gateway_paths(const plan& what) {
  std::vector<std::string> paths;
  add_paths(grpc::package::greeting, paths);
  if (what.edge.gateway)
    add_paths(what.package, paths);
  return paths;
}

} // namespace troupe::node
