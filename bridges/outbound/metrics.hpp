#pragma once

#include <string>

#include <troupe/actors/runtime/spawning.hpp>

namespace troupe::outbound {

/// The metrics of a publisher: `troupe_TRANSPORT_published_total` and so on.
struct publisher_metrics {
  /// `channel` is the label that distinguishes publishers; its value comes from the topology.
  publisher_metrics(const spawn_context& context, const std::string& transport, const label& channel);

  observer_ptr watcher; ///< owns the counters and the gauge below
  counter& published;
  counter& refused;
  gauge& in_flight;
};

} // namespace troupe::outbound
