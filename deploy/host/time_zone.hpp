#pragma once

#include <optional>
#include <string>

#include <troupe/policies/cron.hpp>

namespace troupe::host {

/// The rules of a zone of the system's time zone database, such as "Europe/Berlin"; of "UTC" without it. None: the system
/// has no such zone.
std::optional<policies::zone_rules> zone_named(const std::string& name);

} // namespace troupe::host
