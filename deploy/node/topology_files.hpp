#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <troupe/deploy/node/diagnostics.hpp>
#include <troupe/deploy/node/settings.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::node {

/// The topologies that the program carries, which run together when none is named: deploy/topologies/reference-2019.yaml and
/// kafka-demo.yaml, byte for byte.
std::vector<topology_file> built_in_topologies();

/// The named files, or the built-in topologies when none is named. A file that cannot be read is a mistake; `read` is
/// `read_small_file` or a test's own.
std::vector<topology_file> load_topologies(const std::vector<std::string>& names,
                                           const std::function<expected<std::string>(const std::string& path)>& read,
                                           diagnostics& found);

/// A regular file's bytes. Fails with `not_found`, `invalid` (a folder, a device, a file of more than 1 MiB) or
/// `unavailable`, in the system's words. Blocks; for start-up only.
expected<std::string> read_small_file(const std::string& path);

} // namespace troupe::node
