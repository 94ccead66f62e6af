#pragma once

#include <string>

#include <troupe/actors/runtime/spawning.hpp>

namespace troupe::embedded {

/// What can be counted of a publisher. Labels come from the topology.
struct publisher_metrics {
  publisher_metrics(const spawn_context& context, const std::string& source);

  observer_ptr watcher; ///< keeps what follows
  counter& published;
  counter& refused;
  counter& removed; ///< by retention
};

/// What can be counted of a subscription. Labels come from the topology, and the code of an error from its enum.
struct subscription_metrics {
  subscription_metrics(const spawn_context& context, std::string from, std::string of_group);

  /// One more dead letter for that reason.
  void dead_lettered(errc why);

  observer_ptr watcher; ///< keeps what follows
  std::string source;
  std::string group;
  counter& delivered;
  counter& batches;
  counter& settled;
  counter& retried;
  counter& stale;
  counter& failed_writes;
  gauge& unsettled;
};

} // namespace troupe::embedded
