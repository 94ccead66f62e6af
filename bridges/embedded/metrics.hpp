#pragma once

#include <string>

#include <troupe/bridges/inbound/metrics.hpp>

namespace troupe::embedded {

/// What can be counted of a publisher. Labels come from the topology.
struct publisher_metrics {
  publisher_metrics(const spawn_context& context, const std::string& source);

  observer_ptr watcher; ///< keeps what follows
  counter& published;
  counter& refused;
  counter& removed; ///< by retention
};

/// What can be counted of a subscription.
struct subscription_metrics : inbound::subscription_metrics {
  subscription_metrics(const spawn_context& context, const std::string& source, const std::string& group);

  counter& failed_writes;
};

} // namespace troupe::embedded
