#include <troupe/bridges/amqp/metrics.hpp>

#include <utility>

namespace troupe::amqp {

publisher_metrics::publisher_metrics(const spawn_context& context, const std::string& queue)
  : watcher(context.watcher),
    published(watcher->make_counter("troupe_amqp_published_total", "Messages confirmed by the broker.", {{"queue", queue}})),
    refused(watcher->make_counter("troupe_amqp_refused_total", "Messages refused or not confirmed.", {{"queue", queue}})),
    in_flight(watcher->make_gauge("troupe_amqp_publishing", "Messages that wait for their confirm.", {{"queue", queue}})) {}

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
