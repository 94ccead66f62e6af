#pragma once

#include <vector>

#include <troupe/bridges/http/route.hpp>
#include <troupe/deploy/host/process/faults.hpp>

namespace troupe::host {

/// The routes of the administration that list, begin and end faults: `/faults` and `/faults/NUMBER`. `of` lives longer.
std::vector<http::route> fault_routes(faults& of);

} // namespace troupe::host
