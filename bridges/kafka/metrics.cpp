#include <troupe/bridges/kafka/metrics.hpp>

#include <utility>

namespace troupe::kafka {

subscription_metrics::subscription_metrics(const spawn_context& context, std::string from, std::string of_group)
  : watcher(context.watcher),
    topic(std::move(from)),
    group(std::move(of_group)),
    delivered(watcher->make_counter("troupe_kafka_delivered_total", "Deliveries handed to a handler.",
                                    {{"topic", topic}, {"group", group}})),
    batches(watcher->make_counter("troupe_kafka_batches_total", "Batches they were handed out in.",
                                  {{"topic", topic}, {"group", group}})),
    settled(
      watcher->make_counter("troupe_kafka_settled_total", "Deliveries settled.", {{"topic", topic}, {"group", group}})),
    retried(watcher->make_counter("troupe_kafka_retried_total", "Deliveries parked for a delayed retry.",
                                  {{"topic", topic}, {"group", group}})),
    stale(watcher->make_counter("troupe_kafka_stale_settlements_total",
                                "Settlements discarded because their partition had gone in the meantime.",
                                {{"topic", topic}, {"group", group}})),
    commits(
      watcher->make_counter("troupe_kafka_commits_total", "Commits of offsets.", {{"topic", topic}, {"group", group}})),
    failed_commits(watcher->make_counter("troupe_kafka_failed_commits_total", "Commits that failed and are repeated.",
                                         {{"topic", topic}, {"group", group}})),
    assigned(watcher->make_counter("troupe_kafka_partitions_assigned_total", "Partitions gained in rebalances.",
                                   {{"topic", topic}, {"group", group}})),
    revoked(watcher->make_counter("troupe_kafka_partitions_revoked_total", "Partitions given up in rebalances.",
                                  {{"topic", topic}, {"group", group}})),
    lost(watcher->make_counter("troupe_kafka_partitions_lost_total",
                               "Partitions that another member had before they could be given up.",
                               {{"topic", topic}, {"group", group}})),
    removed_unread(watcher->make_counter("troupe_kafka_removed_unread_total",
                                         "Offsets that the brokers removed before the group had read them.",
                                         {{"topic", topic}, {"group", group}})),
    partitions(watcher->make_gauge("troupe_kafka_partitions", "Partitions owned.", {{"topic", topic}, {"group", group}})),
    unsettled(watcher->make_gauge("troupe_kafka_unsettled", "Deliveries fetched and not settled.",
                                  {{"topic", topic}, {"group", group}})),
    paused(watcher->make_gauge("troupe_kafka_paused_partitions", "Partitions whose fetching pauses.",
                               {{"topic", topic}, {"group", group}})) {}

void subscription_metrics::dead_lettered(errc why) {
  watcher
    ->make_counter("troupe_kafka_dead_lettered_total", "Deliveries set aside as dead letters.",
                   {{"topic", topic}, {"group", group}, {"code", to_string(why)}})
    .add();
}

gauge& subscription_metrics::lag(std::int32_t partition) {
  return watcher->make_gauge("troupe_kafka_lag", "Messages of a partition that are not settled.",
                             {{"topic", topic}, {"group", group}, {"partition", std::to_string(partition)}});
}

} // namespace troupe::kafka
