#include <troupe/bridges/embedded/metrics.hpp>

namespace troupe::embedded {

publisher_metrics::publisher_metrics(const spawn_context& context, const std::string& source)
  : watcher(context.watcher),
    published(watcher->make_counter("troupe_embedded_published_total", "Messages made durable.", {{"source", source}})),
    refused(
      watcher->make_counter("troupe_embedded_refused_total", "Messages refused or not written.", {{"source", source}})),
    removed(watcher->make_counter("troupe_embedded_expired_total", "Messages removed by retention.", {{"source", source}})) {
}

subscription_metrics::subscription_metrics(const spawn_context& context, const std::string& source, const std::string& group)
  : inbound::subscription_metrics(context, "embedded", {{"source", source}, {"group", group}},
                                  {"Deliveries settled durably.",
                                   "Settlements discarded because they came from an earlier life of the subscription.",
                                   "Deliveries fetched and not settled."}),
    failed_writes(make_counter("failed_settlement_writes_total", "Writes of settlements that failed and are repeated.")) {}

} // namespace troupe::embedded
