#pragma once

#include <functional>
#include <string>
#include <vector>

#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/deploy/host/topology/settings.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::host {

/// The named files, or those that the program carries when none is named. A file that cannot be read is a mistake; `read` is
/// `read_small_file` or a test's own.
std::vector<topology_file> load_topologies(const std::vector<std::string>& names, const extension& program,
                                           const std::function<expected<std::string>(const std::string& path)>& read,
                                           diagnostics& found);

/// A regular file's bytes. Fails with `not_found`, `invalid` (a folder, a device, a file of more than 1 MiB) or
/// `unavailable`, in the system's words. Blocks; for start-up only.
expected<std::string> read_small_file(const std::string& path);

} // namespace troupe::host
