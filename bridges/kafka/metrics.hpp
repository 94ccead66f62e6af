#pragma once

#include <cstdint>
#include <string>

#include <troupe/bridges/inbound/metrics.hpp>

namespace troupe::kafka {

/// What can be counted of a subscription.
struct subscription_metrics : inbound::subscription_metrics {
  subscription_metrics(const spawn_context& context, const std::string& topic, const std::string& group);

  /// How far the group is behind in that partition, while it is ours; zero afterwards, when whoever has it tells.
  [[nodiscard]] gauge& lag(std::int32_t partition) const;

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
