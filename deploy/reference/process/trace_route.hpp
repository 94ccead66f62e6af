#pragma once

#include <troupe/bridges/http/route.hpp>
#include <troupe/deploy/host/process/wiring.hpp>

namespace troupe::reference {

/// `/api/trace/ID`: the trace of a call, for anyone who knows its id, which the call's answer names. No route lists them.
http::route trace_route(const host::assembly_parts& parts);

} // namespace troupe::reference
