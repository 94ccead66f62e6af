#pragma once

#include <cstddef>

namespace troupe::node {

/// What gRPC's connections may take of the descriptors that the process may have.
struct grpc_share {
  std::size_t connections; ///< open at a time
  std::size_t reserved;    ///< the highest descriptors, which no connection is given: for probes, administration and bridges
};

/// Half of the descriptors beside a reserve of 64, or of a quarter where there are few; at most 10,000. A limit of 0 is
/// none.
grpc_share grpc_share_of(std::size_t limit) noexcept;

/// The same of this process.
grpc_share grpc_share_here() noexcept;

} // namespace troupe::node
