#pragma once

#include <string>

#include <troupe/bridges/inbound/metrics.hpp>

namespace troupe::amqp {

/// The metrics of a subscription.
struct subscription_metrics : inbound::subscription_metrics {
  subscription_metrics(const spawn_context& context, const std::string& queue)
    : inbound::subscription_metrics(context, "amqp", {{"queue", queue}},
                                    {"Deliveries settled.",
                                     "Settlements discarded because their channel was closed in the meantime.",
                                     "Deliveries received and not settled."}),
      delayed(make_counter("delayed_total", "Deliveries moved to a delay queue.")),
      redelivered(make_counter("redelivered_total", "Messages that were delivered before.")),
      sessions(make_counter("sessions_total", "Times that consumption began.")) {}

  counter& delayed;
  counter& redelivered;
  counter& sessions;
};

} // namespace troupe::amqp
