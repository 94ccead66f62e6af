#include <troupe/deploy/node/process/listeners.hpp>

#include <troupe/deploy/node/process/grpc_share.hpp>
#include <troupe/deploy/node/process/peers.hpp>

namespace troupe::node {

http::edge_config edge_of(const plan& what) {
  const auto& bounds = what.edge.bounds;
  http::edge_config config;
  config.listen = {what.http.address, what.http.port};
  config.bounds.header_bytes = bounds.header_bytes;
  config.bounds.body_bytes = bounds.body_bytes;
  config.bounds.connections = bounds.connections;
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

http::administration_config administration_of(const plan& what) {
  http::administration_config config;
  config.listen = {what.admin.address, what.admin.port};
  if (what.admin_token)
    config.token = *what.admin_token;
  return config;
}

grpc::server_config grpc_of(const plan& what) {
  grpc::server_config config;
  config.service = what.edge.service;
  config.listen = {what.grpc->listen.address, what.grpc->listen.port};
  config.tls = what.grpc->tls;
  config.deadline = what.edge.deadline;
  const auto share = grpc_share_here();
  config.connections = share.connections;
  config.reserved_descriptors = share.reserved;
  return config;
}

} // namespace troupe::node
