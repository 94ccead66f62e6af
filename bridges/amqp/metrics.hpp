#pragma once

#include <string>

#include <troupe/actors/runtime/spawning.hpp>

namespace troupe::amqp {

/// What can be counted of a subscription. Labels come from the topology, and the code of an error from its enum.
struct subscription_metrics {
  subscription_metrics(const spawn_context& context, std::string from);

  /// One more dead letter for that reason.
  void dead_lettered(errc why);

  observer_ptr watcher; ///< keeps what follows
  std::string queue;
  counter& delivered;
  counter& batches;
  counter& settled;
  counter& retried;
  counter& delayed;
  counter& redelivered;
  counter& stale;
  counter& sessions;
  gauge& unsettled;
};

} // namespace troupe::amqp
