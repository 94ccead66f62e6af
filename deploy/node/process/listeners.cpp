#include <troupe/deploy/node/process/listeners.hpp>

#include <algorithm>

#include <troupe/deploy/node/process/peers.hpp>

namespace troupe::node {

http::edge_config edge_of(const plan& what, const descriptor_shares& shares) {
  auto config = what.edge.listener;
  config.bounds.connections = std::min(config.bounds.connections, shares.edge);
  config.bounds.reserved = shares.probes;
  config.gateway_paths = gateway_paths(what);
  return config;
}

http::administration_config administration_of(const plan& what, const descriptor_shares& shares) {
  auto config = what.admin;
  config.bounds.connections = shares.administration;
  config.bounds.reserved = shares.probes;
  return config;
}

grpc::server_config grpc_of(const plan& what, const descriptor_shares& shares) {
  grpc::server_config config;
  config.service = what.edge.service;
  config.listen = what.grpc->listen;
  config.tls = what.grpc->tls;
  config.deadline = what.edge.listener.deadline;
  config.connections = shares.grpc;
  config.reserved_descriptors = shares.probes + shares.administration;
  return config;
}

} // namespace troupe::node
