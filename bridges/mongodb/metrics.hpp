#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/outbound/written_counters.hpp>

namespace troupe::mongodb {

/// What is counted of a store.
struct metrics {
  explicit metrics(const spawn_context& context)
    : watcher(context.watcher),
      written(*watcher, "troupe_mongodb", labels(context)),
      failures(watcher->make_counter("troupe_mongodb_failures_total", "Writes that failed for now.", labels(context))),
      overloads(
        watcher->make_counter("troupe_mongodb_overloads_total", "Writes beyond the bounds in flight.", labels(context))),
      in_flight(watcher->make_gauge("troupe_mongodb_in_flight", "Documents without an answer.", labels(context))),
      latency(watcher->make_histogram("troupe_mongodb_write_seconds", "From a write to its answer.", labels(context))) {}

  static label_list labels(const spawn_context& context) { return {{"store", *context.path}}; }

  observer_ptr watcher; ///< owns the metrics below
  outbound::written_counters written;
  counter& failures;
  counter& overloads;
  gauge& in_flight;
  histogram& latency;
};

} // namespace troupe::mongodb
