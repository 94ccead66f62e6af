#include <troupe/bridges/amqp/metrics.hpp>

namespace troupe::amqp {

subscription_metrics::subscription_metrics(const spawn_context& context, const std::string& queue)
  : inbound::subscription_metrics(context, "amqp", {{"queue", queue}},
                                  {"Deliveries settled.",
                                   "Settlements discarded because their channel had gone in the meantime.",
                                   "Deliveries in hand and not settled."}),
    delayed(make_counter("delayed_total", "Deliveries parked in a delay queue, as too many are in hand.")),
    redelivered(make_counter("redelivered_total", "Messages that were delivered before.")),
    sessions(make_counter("sessions_total", "Times that consumption began.")) {}

} // namespace troupe::amqp
