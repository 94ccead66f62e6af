#pragma once

#include <string>

#include <troupe/deploy/host/topology/settings_report.hpp>

namespace troupe::host {

/// The plan of a configuration, as `troupe check` prints it: its services with their actors in start order, the bridges,
/// every setting with its value and source, and the notes. The same configuration always gives the same text, which ends
/// with a line break. Contains no secrets.
std::string check_report(const configuration& config, const extension& program, explanation explain = explanation::none);

} // namespace troupe::host
