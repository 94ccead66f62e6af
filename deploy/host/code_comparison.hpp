#pragma once

#include <troupe/deploy/host/code.hpp>
#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/deploy/host/topology/topology.hpp>

namespace troupe::host {

/// A step of `code_extension::complete`: gives the services of the topology their code, adds what no file has, and adds to
/// `found` what only one of the two names, with the nearest name of the other.
void compare(const program_code& code, topology& whole, diagnostics& found);

} // namespace troupe::host
