#pragma once

#include <memory>

#include <troupe/bridges/grpc/config.hpp>
#include <troupe/bridges/http/client_config.hpp>
#include <troupe/deploy/host/topology/plan.hpp>

namespace troupe::host {

/// How a service of another process is called over gRPC.
grpc::client_config grpc_client_of(const process_plan& plan, const peer_plan& peer);

/// How a service of another process is called over HTTP, by the engine of that inbox.
http::client_config http_client_of(const process_plan& plan, const peer_plan& peer, std::shared_ptr<http::client_inbox> via);

/// Whether the files for calls over TLS can be used, where there are such calls. Reads them.
expected<void> check_peer_tls(const process_plan& plan);

/// How calls of the service are made dependable, but for the client that they go to.
template <class Config>
Config resilience_of(const process_plan& plan, const peer_plan& peer) {
  Config result;
  result.name = peer.name;
  result.callee = peer.kind;
  result.retry = plan.node.outbound.retry;
  result.budget = plan.node.outbound.budget;
  result.breaker = plan.node.outbound.breaker;
  result.in_flight = plan.node.outbound.in_flight;
  return result;
}

} // namespace troupe::host
