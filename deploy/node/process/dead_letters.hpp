#pragma once

#include <iosfwd>

#include <troupe/deploy/node/command_line.hpp>
#include <troupe/deploy/node/process/run.hpp>

namespace troupe::node {

/// Carries out `troupe dead-letters`: through the administration listener of the program that has the data folder, or on the
/// folder itself, and on the Kafka topics that belong to the topology's streams, when nobody has it.
exit_code dead_letters(const dead_letters_command& what, const whereabouts& where, std::ostream& out, std::ostream& err);

} // namespace troupe::node
