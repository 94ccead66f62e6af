#include <troupe/deploy/reference/process/peers.hpp>

#include <algorithm>
#include <utility>

#include <troupe/bridges/grpc/client.hpp>
#include <troupe/bridges/grpc/gateway.hpp>
#include <troupe/bridges/http/greeter_client.hpp>
#include <troupe/deploy/host/process/peers.hpp>
#include <troupe/deploy/reference/platform.hpp>

namespace troupe::reference {

namespace {

void add_paths(grpc::package contract, std::vector<std::string>& paths) {
  for (auto& route : grpc::rest_routes(contract))
    if (route.verb == "GET" && std::ranges::find(paths, route.path) == paths.end())
      paths.push_back(std::move(route.path));
}

} // namespace

grpc::client_config greeter_client_of(const host::process_plan& plan, const host::peer_plan& peer) {
  auto result = host::grpc_client_of(plan, peer);
  result.contract = platform_grpc_of(plan.node).package;
  return result;
}

std::function<greeter_actor(const spawn_context&)>
client_factory(const host::process_plan& plan, const host::peer_plan& peer, std::shared_ptr<http::client_inbox> inbox) {
  if (peer.address.is_http())
    return [config = host::http_client_of(plan, peer, std::move(inbox))](const spawn_context& context) {
      return http::spawn_greeter_client(context, config);
    };
  return [config = greeter_client_of(plan, peer)](const spawn_context& context) {
    return grpc::spawn_greeter_client(context, config);
  };
}

std::vector<std::string> gateway_paths(const host::process_plan& plan) {
  std::vector<std::string> paths;
  add_paths(grpc::package::greeting, paths);
  if (has_gateway(plan))
    add_paths(platform_grpc_of(plan.node).package, paths);
  return paths;
}

} // namespace troupe::reference
