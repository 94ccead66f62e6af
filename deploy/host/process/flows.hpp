#pragma once

#include <set>
#include <string>
#include <string_view>

#include <troupe/bridges/telemetry/metric_values.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::host {

/// What there is to say of flows beside the plan.
struct flow_facts {
  std::string_view version; ///< of the program
  duration uptime{};
  const telemetry::metric_values& metrics;
  std::set<std::string> paused; ///< channels on which a fault pauses consumption
  std::set<std::string> opened; ///< peers whose breaker a fault holds open
};

/// What goes through the process, as a JSON object: `services` with what they serve, call, consume, publish and keep, and
/// `channels`, `stores` and `peers` with their counters since the start. What is not known is null. The order is the plan's.
std::string flows_json(const process_plan& plan, const flow_facts& facts);

} // namespace troupe::host
