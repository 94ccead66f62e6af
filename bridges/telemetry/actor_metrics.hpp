#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include <prometheus/metric_family.h>

#include <troupe/bridges/telemetry/metric_families.hpp>
#include <troupe/messages/ports/caf.hpp>

namespace troupe::telemetry {

/// Makes an actor system measure every actor of a supervision tree, with the buckets of all durations.
/// Before the system is made.
void measure_actors(caf::actor_system_config& config);

/// What `collect_actor_metrics` shows. Each handled message is one observation of troupe_actor_handling_seconds: its count
/// is how many the actor handled.
inline constexpr std::array<exposed_metric, 6> exposed_actor_metrics{{
  {"troupe_actor_handling_seconds", prometheus::MetricType::Histogram, "How long actors took to handle a message."},
  {"troupe_actor_mailbox_seconds", prometheus::MetricType::Histogram, "How long messages waited in a mailbox."},
  {"troupe_actor_mailbox_messages", prometheus::MetricType::Gauge,
   "Messages in a mailbox, the one that is handled among them."},
  {"troupe_actors_running", prometheus::MetricType::Gauge, "Actors that run."},
  {"troupe_actor_messages_processed_total", prometheus::MetricType::Counter, "Messages that actors took from mailboxes."},
  {"troupe_actor_messages_rejected_total", prometheus::MetricType::Counter, "Messages to an actor that had ended."},
}};

/// The system's own metrics under our names, with the labels `service` (the first part of the actor's path) and `actor` (the
/// rest). Incarnations of one path share a series; paths beyond `series_bound` share the one whose labels are "other". Any
/// thread, while the system lives.
std::vector<prometheus::MetricFamily> collect_actor_metrics(const caf::actor_system& system, std::size_t series_bound);

} // namespace troupe::telemetry
