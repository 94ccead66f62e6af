#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <troupe/deploy/host/process/wiring.hpp>
#include <troupe/deploy/host/topology/command_line.hpp>
#include <troupe/deploy/host/topology/settings.hpp>

namespace troupe::host {

enum class exit_code : int {
  orderly = 0,
  failed = 1,        ///< it could not start or not go on, or a command could not be carried out
  misconfigured = 2, ///< the command line, the environment or a file is wrong
};

/// A program: what it adds to the settings, and to the process. Both live as long as it runs.
struct program_parts {
  const extension& settings;
  wiring_factory code;
  /// Carries out `new`, and returns what is printed. Null where the words of the settings have no such command.
  std::function<expected<std::string>(const new_command&)> make_project = {};
};

/// Carries out the command of a command line, in the process's environment. Called by `main`, once.
exit_code carry_out(const std::vector<std::string>& arguments, const program_parts& program);

// Each command prints its result to `out`, and what it could not do to `err`.

/// `troupe run`: runs a configuration until SIGTERM or SIGINT, or until its only service failed too often. May be called
/// once. Prints one line to the standard error when it cannot start.
exit_code run(const configuration& config, const program_parts& program);

/// `troupe topics apply`: prints each difference between the plan and its servers, creates what is missing, and prints what
/// cannot be created and why. Fails when something could not be created, but not for permissions on a cluster without an
/// authorizer.
exit_code apply_topics(const topics_command& command, const configuration& config, std::ostream& out, std::ostream& err);

/// `troupe dead-letters`: through the administration listener of the program that uses the data folder; where none does, on
/// the folder, on the Kafka topics of the topology's streams and on the queues of its broker.
exit_code dead_letters(const dead_letters_command& command, const program_location& program, std::ostream& out,
                       std::ostream& err);

/// `troupe backup` of a data folder, whether a program uses it or not.
exit_code back_up(const backup_command& command, const std::string& data, std::ostream& out, std::ostream& err);

/// `troupe groups` of a data folder, whether a program uses it or not.
exit_code groups(const groups_command& command, const std::string& data, std::ostream& out, std::ostream& err);

} // namespace troupe::host
