#pragma once

#include <iosfwd>
#include <string>

#include <troupe/deploy/node/command_line.hpp>
#include <troupe/deploy/node/process/run.hpp>

namespace troupe::node {

/// Carries out `troupe backup` on a data folder, whether a process has it or not.
exit_code back_up(const backup_command& what, const std::string& data, std::ostream& out, std::ostream& err);

/// Carries out `troupe groups`, likewise.
exit_code groups(const groups_command& what, const std::string& data, std::ostream& out, std::ostream& err);

} // namespace troupe::node
