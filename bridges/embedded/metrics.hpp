#pragma once

#include <string>

#include <troupe/bridges/inbound/metrics.hpp>

namespace troupe::embedded {

/// Counts what retention removed from a stream before a group had read it.
inline counter& removed_unread(observer& watcher, const std::string& stream, const std::string& group) {
  return watcher.make_counter("troupe_embedded_removed_unread_total",
                              "Messages that retention removed before the group had read them.",
                              {{"source", stream}, {"group", group}});
}

/// What is counted of a subscription. Labels come from the topology.
struct subscription_metrics : inbound::subscription_metrics {
  subscription_metrics(const spawn_context& context, const std::string& source, const std::string& group)
    : inbound::subscription_metrics(
      context, "embedded", {{"source", source}, {"group", group}},
      {"Deliveries settled durably.",
       "Settlements discarded because they came from an earlier incarnation of the subscription.",
       "Deliveries fetched and not settled."}),
      failed_writes(make_counter("failed_settlement_writes_total", "Writes of settlements that failed and are repeated.")) {
    if (!group.empty())
      embedded::removed_unread(*watcher, source, group); // it is 0 before the first event
  }

  counter& failed_writes;
};

} // namespace troupe::embedded
