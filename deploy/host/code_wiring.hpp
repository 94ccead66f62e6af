#pragma once

#include <memory>

#include <troupe/deploy/host/code.hpp>
#include <troupe/deploy/host/process/wiring.hpp>

namespace troupe::host {

/// Makes the actors of an author's services, the clients of contracts in other processes, and what the edge and gRPC answer
/// with. The code lives longer.
std::unique_ptr<wiring> wire_code(const program_code& code, const process_plan& plan, const assembly_parts& parts);

} // namespace troupe::host
