#pragma once

#include <string>
#include <vector>

#include <troupe/deploy/node/diagnostics.hpp>
#include <troupe/deploy/node/plan.hpp>
#include <troupe/deploy/node/topology.hpp>

namespace troupe::node {

/// What a process that runs those services of a valid topology does, but for its secrets. What such a process cannot do is
/// told in `found`; what an operator might wonder about (a queue that nobody reads) in `notes`.
plan resolve(const topology& whole, const std::vector<std::string>& running, std::vector<std::string>& notes,
             diagnostics& found);

} // namespace troupe::node
