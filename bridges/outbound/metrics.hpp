#pragma once

#include <string>

#include <troupe/actors/runtime/spawning.hpp>

namespace troupe::outbound {

/// What is counted of a publisher, as `troupe_TRANSPORT_published_total` and so on.
struct publisher_metrics {
  /// `channel` is the label that tells one publisher from another, from the topology.
  publisher_metrics(const spawn_context& context, const std::string& transport, const label& channel);

  observer_ptr watcher; ///< keeps what follows
  counter& published;
  counter& refused;
  gauge& in_flight;
};

} // namespace troupe::outbound
