#include <troupe/bridges/amqp/metrics.hpp>

#include <utility>

namespace troupe::amqp {

subscription_metrics::subscription_metrics(const spawn_context& context, std::string from)
  : watcher(context.watcher),
    queue(std::move(from)),
    delivered(watcher->make_counter("troupe_amqp_delivered_total", "Deliveries handed to a handler.", {{"queue", queue}})),
    batches(watcher->make_counter("troupe_amqp_batches_total", "Batches they were handed out in.", {{"queue", queue}})),
    settled(watcher->make_counter("troupe_amqp_settled_total", "Deliveries settled.", {{"queue", queue}})),
    retried(
      watcher->make_counter("troupe_amqp_retried_total", "Deliveries parked for a delayed retry.", {{"queue", queue}})),
    delayed(watcher->make_counter("troupe_amqp_delayed_total",
                                  "Deliveries parked in a delay queue, as too many are in hand.", {{"queue", queue}})),
    redelivered(
      watcher->make_counter("troupe_amqp_redelivered_total", "Messages that were delivered before.", {{"queue", queue}})),
    stale(watcher->make_counter("troupe_amqp_stale_settlements_total",
                                "Settlements discarded because their channel had gone in the meantime.",
                                {{"queue", queue}})),
    sessions(watcher->make_counter("troupe_amqp_sessions_total", "Times that consumption began.", {{"queue", queue}})),
    unsettled(watcher->make_gauge("troupe_amqp_unsettled", "Deliveries in hand and not settled.", {{"queue", queue}})) {}

void subscription_metrics::dead_lettered(errc why) {
  watcher
    ->make_counter("troupe_amqp_dead_lettered_total", "Deliveries set aside as dead letters.",
                   {{"queue", queue}, {"code", to_string(why)}})
    .add();
}

} // namespace troupe::amqp
