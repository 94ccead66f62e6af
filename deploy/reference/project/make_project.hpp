#pragma once

#include <string>

#include <troupe/deploy/host/topology/command_line.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::reference {

/// Carries out `troupe new`. Returns the commands that build and run what was written.
expected<std::string> make_project(const host::new_command& command);

} // namespace troupe::reference
