#pragma once

#include <cstdint>
#include <string>

#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/deploy/host/topology/settings.hpp>

namespace troupe::host {

/// Whether a setting is printed with the values that it may have, its default where it has another value, and the reason for
/// its default.
enum class explanation : std::uint8_t { none, full };

/// Every setting of a configuration with its value and source. With a `prefix`, only those whose path in a topology, such as
/// `node.kafka.session` or `services.orders.supervision.stash`, begins with it; a prefix of no path is a mistake. Contains
/// no secrets, and ends with a line break.
std::string settings_report(const configuration& config, explanation explain, const std::string& prefix, diagnostics& found);

/// The same as a JSON object, whose member `settings` has of each its name, which is its path in a topology, its value, its
/// source (`default`, `file`, `environment`, `flag` or `code`) with its place, and the default where it has another value,
/// the values that it may have and the reason for its default; null where there is none.
std::string settings_json(const configuration& config);

} // namespace troupe::host
