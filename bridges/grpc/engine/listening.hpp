#pragma once

#include <cstdint>
#include <vector>

#include <troupe/bridges/grpc/config.hpp>
#include <troupe/bridges/grpc/engine/descriptor.hpp>

namespace troupe::grpc {

/// The sockets of one port. Connections wait in their backlog until they are accepted.
struct listening {
  std::vector<descriptor> sockets; ///< non-blocking
  std::uint16_t port = 0;          ///< the same of all
};

/// Listens on every address of the endpoint; a wildcard means both families. Fails with `locked` when the port is in use,
/// and with `invalid` for an address that cannot be bound.
expected<listening> listen_on(const endpoint& where);

} // namespace troupe::grpc
