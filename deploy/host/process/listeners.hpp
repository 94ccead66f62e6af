#pragma once

#include <troupe/bridges/grpc/config.hpp>
#include <troupe/bridges/http/config.hpp>
#include <troupe/deploy/host/process/descriptors.hpp>
#include <troupe/deploy/host/topology/plan.hpp>

namespace troupe::host {

/// The edge of the plan, as the HTTP bridge takes it, with the connections that there are descriptors for.
http::edge_config edge_of(const process_plan& plan, const descriptor_shares& shares);

/// The plan's administration, likewise.
http::administration_config administration_of(const process_plan& plan, const descriptor_shares& shares);

/// The plan's gRPC server, as the gRPC bridge takes it. The plan has one.
grpc::server_config grpc_of(const process_plan& plan, const descriptor_shares& shares);

} // namespace troupe::host
