#pragma once

#include <string>

#include <troupe/deploy/node/settings.hpp>

namespace troupe::node {

/// What `troupe check` prints of a configuration that can run: its services with their actors in start order, the bridges,
/// every setting with its value and source, and the notes. The same configuration always gives the same text, which ends
/// with a line break. Secrets do not stand in it.
std::string check_report(const configuration& what);

} // namespace troupe::node
