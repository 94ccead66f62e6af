#pragma once

#include <troupe/deploy/node/diagnostics.hpp>
#include <troupe/deploy/node/topology.hpp>

namespace troupe::node {

/// Tells in `found` each circle of calls between services, once, at the call that closes it.
void find_circles(const topology& whole, diagnostics& found);

} // namespace troupe::node
