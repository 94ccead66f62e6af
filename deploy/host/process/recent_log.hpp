#pragma once

#include <memory>

#include <troupe/bridges/http/route.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>

namespace troupe::host {

/// The route of the administration that answers the last lines of the log, `/logs`: of the query's `service`, `trace` and
/// `level` on, after the line `after`, at most `limit`.
http::route log_route(std::shared_ptr<const telemetry::telemetry> from);

} // namespace troupe::host
