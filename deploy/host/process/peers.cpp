#include <troupe/deploy/host/process/peers.hpp>

#include <algorithm>
#include <utility>

#include <troupe/bridges/grpc/tls.hpp>

namespace troupe::host {

using scheme = peer_address::scheme;

grpc::client_config grpc_client_of(const process_plan& plan, const peer_plan& peer) {
  grpc::client_config result;
  result.target = peer.address.target;
  result.in_flight = plan.node.outbound.in_flight;
  result.proxy = plan.node.outbound.proxy;
  if (peer.address.how == scheme::grpcs)
    result.tls = plan.node.outbound.tls;
  if (peer.kind == policies::callee::idempotent)
    result.unbegun = grpc::unbegun_call::reported; // its calls are repeated whatever became of them
  return result;
}

http::client_config http_client_of(const process_plan& plan, const peer_plan& peer,
                                   std::shared_ptr<http::client_inbox> via) {
  http::client_config result;
  result.via = std::move(via);
  result.name = peer.name;
  result.target = to_string(peer.address);
  if (peer.address.how == scheme::https)
    result.tls = plan.node.outbound.tls;
  result.bounds.waiting = plan.node.outbound.in_flight;
  return result;
}

expected<void> check_peer_tls(const process_plan& plan) {
  const auto over_tls = [](const peer_plan& peer) {
    return peer.address.how == scheme::grpcs || peer.address.how == scheme::https;
  };
  return std::ranges::any_of(plan.peers, over_tls) ? grpc::check(plan.node.outbound.tls, grpc::tls_end::client)
                                                   : expected<void>{};
}

} // namespace troupe::host
