#pragma once

#include <string>

#include <troupe/actors/runtime/spawning.hpp>

namespace troupe::kafka {

/// What can be counted of a subscription. Labels come from the topology, and the code of an error from its enum.
struct subscription_metrics {
  subscription_metrics(const spawn_context& context, std::string from, std::string of_group);

  /// One more dead letter for that reason.
  void dead_lettered(errc why);

  /// How far the group is behind in that partition, while it is ours; zero afterwards, when whoever has it tells.
  gauge& lag(std::int32_t partition);

  observer_ptr watcher; ///< keeps what follows
  std::string topic;
  std::string group;
  counter& delivered;
  counter& batches;
  counter& settled;
  counter& retried;
  counter& stale;
  counter& commits;
  counter& failed_commits;
  counter& assigned;
  counter& revoked;
  counter& lost;
  counter& removed_unread;
  gauge& partitions;
  gauge& unsettled;
  gauge& paused;
};

} // namespace troupe::kafka
