#pragma once

#include <iosfwd>

#include <troupe/deploy/node/command_line.hpp>
#include <troupe/deploy/node/process/run.hpp>
#include <troupe/deploy/node/settings.hpp>

namespace troupe::node {

/// Carries out `troupe topics apply`: prints each difference between what the plan wants of its servers and what is there,
/// creates what is missing, and prints what cannot be done and why. Fails where something could not be done, save
/// permissions on a cluster that asks for none.
exit_code apply_topics(const topics_command& asked, const configuration& what, std::ostream& out, std::ostream& err);

} // namespace troupe::node
