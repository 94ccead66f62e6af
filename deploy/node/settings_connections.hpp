#pragma once

#include <troupe/deploy/node/diagnostics.hpp>
#include <troupe/deploy/node/settings.hpp>

namespace troupe::node {

/// Shows where the servers of a plan's services are, without secrets, and tells what is no connection string: as far as it
/// is kept on this machine. What is kept elsewhere, or is not there yet, is read when it is wanted.
void show_connections(configuration& what, const surroundings& around, diagnostics& found);

} // namespace troupe::node
