#pragma once

#include <troupe/deploy/node/settings.hpp>

namespace troupe::node {

/// How the program ends.
enum class exit_code : int {
  orderly = 0,
  failed = 1,        ///< it could not start, gave up, or was asked twice to end
  misconfigured = 2, ///< its command line, environment or files are wrong
};

/// Runs a configuration until SIGTERM or SIGINT, or until its only service gave up. To be called once. What keeps it from
/// starting is one line on the standard error.
exit_code run(const configuration& what);

} // namespace troupe::node
