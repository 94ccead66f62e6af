#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/bridges/http/route.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>
#include <troupe/deploy/host/process/faults.hpp>
#include <troupe/deploy/host/topology/settings.hpp>

namespace troupe::host {

/// What the operator's page shows, beside what every administration has.
struct operator_view {
  const configuration& config;
  std::shared_ptr<const telemetry::telemetry> watcher;
  faults& made; ///< lives longer than the routes
  std::function<std::string()> flows;
};

/// The routes of the administration for its page: its files, traces, log, settings, flows and faults.
std::vector<http::route> operator_routes(const operator_view& of);

} // namespace troupe::host
