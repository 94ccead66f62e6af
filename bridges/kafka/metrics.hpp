#pragma once

#include <cstdint>
#include <string>

#include <troupe/bridges/inbound/metrics.hpp>

namespace troupe::kafka {

/// The metrics of a subscription.
struct subscription_metrics : inbound::subscription_metrics {
  subscription_metrics(const spawn_context& context, const std::string& topic, const std::string& group)
    : inbound::subscription_metrics(context, "kafka", {{"topic", topic}, {"group", group}}),
      commits(make_counter("commits_total", "Commits of offsets.")),
      failed_commits(make_counter("failed_commits_total", "Commits that failed and are repeated.")),
      assigned(make_counter("partitions_assigned_total", "Partitions gained in rebalances.")),
      revoked(make_counter("partitions_revoked_total", "Partitions given up in rebalances.")),
      lost(make_counter("partitions_lost_total",
                        "Partitions that were assigned to another member before they could be given up.")),
      removed_unread(
        make_counter("removed_unread_total", "Offsets that the brokers removed before the group had read them.")),
      partitions(make_gauge("partitions", "Partitions owned.")),
      paused(make_gauge("paused_partitions", "Partitions whose fetching pauses.")) {}

  /// The group's lag in that partition while this member owns it; zero afterwards, when the next owner reports it.
  [[nodiscard]] gauge& lag(std::int32_t partition) const {
    return make_gauge("lag", "Messages of a partition that are not settled.", {{"partition", std::to_string(partition)}});
  }

  counter& commits;
  counter& failed_commits;
  counter& assigned;
  counter& revoked;
  counter& lost;
  counter& removed_unread;
  gauge& partitions;
  gauge& paused;
};

} // namespace troupe::kafka
