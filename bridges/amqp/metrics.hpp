#pragma once

#include <string>

#include <troupe/bridges/inbound/metrics.hpp>

namespace troupe::amqp {

/// What can be counted of a subscription.
struct subscription_metrics : inbound::subscription_metrics {
  subscription_metrics(const spawn_context& context, const std::string& queue);

  counter& delayed;
  counter& redelivered;
  counter& sessions;
};

} // namespace troupe::amqp
