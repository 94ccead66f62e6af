#pragma once

#include <memory>

#include <troupe/deploy/host/process/wiring.hpp>

namespace troupe::reference {

/// Makes greeters, their clients in other processes, and the routes of greetings.
std::unique_ptr<host::wiring> wire_greeters(const host::process_plan& plan, const host::assembly_parts& parts);

} // namespace troupe::reference
