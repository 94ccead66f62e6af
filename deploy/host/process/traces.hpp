#pragma once

#include <memory>
#include <string>
#include <vector>

#include <troupe/bridges/http/route.hpp>
#include <troupe/bridges/otlp/exporter.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::host {

/// The exporter that the plan asks for; null where it asks for none. Logs a warning where this build has none.
std::unique_ptr<otlp::exporter> make_exporter(const process_plan& plan, const std::string& version,
                                              const std::string& hostname, const observer_ptr& watcher);

/// The routes of the administration that answer the last traces: `/traces`, and `/traces/ID`.
std::vector<http::route> trace_routes(std::shared_ptr<const telemetry::telemetry> from);

} // namespace troupe::host
