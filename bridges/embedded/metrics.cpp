#include <troupe/bridges/embedded/metrics.hpp>

#include <utility>

namespace troupe::embedded {

publisher_metrics::publisher_metrics(const spawn_context& context, const std::string& source)
  : watcher(context.watcher),
    published(watcher->make_counter("troupe_embedded_published_total", "Messages made durable.", {{"source", source}})),
    refused(
      watcher->make_counter("troupe_embedded_refused_total", "Messages refused or not written.", {{"source", source}})),
    removed(watcher->make_counter("troupe_embedded_expired_total", "Messages removed by retention.", {{"source", source}})) {
}

subscription_metrics::subscription_metrics(const spawn_context& context, std::string from, std::string of_group)
  : watcher(context.watcher),
    source(std::move(from)),
    group(std::move(of_group)),
    delivered(watcher->make_counter("troupe_embedded_delivered_total", "Deliveries handed to a handler.",
                                    {{"source", source}, {"group", group}})),
    batches(watcher->make_counter("troupe_embedded_batches_total", "Batches they were handed out in.",
                                  {{"source", source}, {"group", group}})),
    settled(watcher->make_counter("troupe_embedded_settled_total", "Deliveries settled durably.",
                                  {{"source", source}, {"group", group}})),
    retried(watcher->make_counter("troupe_embedded_retried_total", "Deliveries parked for a delayed retry.",
                                  {{"source", source}, {"group", group}})),
    stale(watcher->make_counter("troupe_embedded_stale_settlements_total",
                                "Settlements discarded because they came from an earlier life of the subscription.",
                                {{"source", source}, {"group", group}})),
    failed_writes(watcher->make_counter("troupe_embedded_failed_settlement_writes_total",
                                        "Writes of settlements that failed and are repeated.",
                                        {{"source", source}, {"group", group}})),
    unsettled(watcher->make_gauge("troupe_embedded_unsettled", "Deliveries fetched and not settled.",
                                  {{"source", source}, {"group", group}})) {}

void subscription_metrics::dead_lettered(errc why) {
  watcher
    ->make_counter("troupe_embedded_dead_lettered_total", "Deliveries set aside as dead letters.",
                   {{"source", source}, {"group", group}, {"code", to_string(why)}})
    .add();
}

} // namespace troupe::embedded
