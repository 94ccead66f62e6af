#include <troupe/deploy/node/process/listeners.hpp>

#include <algorithm>

#include <troupe/deploy/node/process/peers.hpp>

namespace troupe::node {

http::edge_config edge_of(const plan& what, const descriptor_shares& shares) {
  const auto& bounds = what.edge.bounds;
  http::edge_config config;
  config.listen = {what.http.address, what.http.port};
  config.bounds.header_bytes = bounds.header_bytes;
  config.bounds.body_bytes = bounds.body_bytes;
  config.bounds.connections = std::min(bounds.connections, shares.edge);
  config.bounds.reserved = shares.probes;
  config.bounds.in_flight = bounds.in_flight;
  config.patience.header = bounds.header_within;
  config.patience.body = bounds.body_within;
  config.patience.idle = bounds.idle;
  config.patience.write = bounds.read_within;
  config.allowed_origins = what.edge.allowed_origins;
  if (!what.edge.service.empty())
    config.deadline = what.edge.deadline;
  config.gateway_paths = gateway_paths(what);
  config.array_order = what.edge.array_order;
  return config;
}

http::administration_config administration_of(const plan& what, const descriptor_shares& shares) {
  http::administration_config config;
  config.listen = {what.admin.address, what.admin.port};
  config.bounds.connections = shares.administration;
  config.bounds.reserved = shares.probes;
  if (what.admin_token)
    config.token = *what.admin_token;
  config.allowed_hosts = what.admin_hosts;
  return config;
}

grpc::server_config grpc_of(const plan& what, const descriptor_shares& shares) {
  grpc::server_config config;
  config.service = what.edge.service;
  config.listen = {what.grpc->listen.address, what.grpc->listen.port};
  config.tls = what.grpc->tls;
  config.deadline = what.edge.deadline;
  config.connections = shares.grpc;
  config.reserved_descriptors = shares.probes + shares.administration;
  return config;
}

} // namespace troupe::node
