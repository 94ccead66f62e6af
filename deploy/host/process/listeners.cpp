#include <troupe/deploy/host/process/listeners.hpp>

#include <algorithm>

namespace troupe::host {

http::edge_config edge_of(const process_plan& plan, const descriptor_shares& shares) {
  auto config = plan.node.edge;
  config.bounds.connections = std::min(config.bounds.connections, shares.edge);
  config.bounds.reserved = shares.probes;
  return config;
}

http::administration_config administration_of(const process_plan& plan, const descriptor_shares& shares) {
  auto config = plan.node.admin;
  config.bounds.connections = shares.administration;
  config.bounds.reserved = shares.probes;
  return config;
}

grpc::server_config grpc_of(const process_plan& plan, const descriptor_shares& shares) {
  grpc::server_config config;
  config.service = *std::ranges::find_if(plan.edge_services, [&](const auto& one) { return runs_here(plan, one); });
  config.listen = *plan.node.grpc.listen;
  if (!plan.node.grpc.tls.certificate.empty())
    config.tls = plan.node.grpc.tls;
  config.deadline = plan.node.edge.deadline;
  config.connections = shares.grpc;
  config.reserved_descriptors = shares.probes + shares.administration;
  return config;
}

} // namespace troupe::host
