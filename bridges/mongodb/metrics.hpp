#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/values/document.hpp>

namespace troupe::mongodb {

/// What is counted of a store.
struct metrics {
  explicit metrics(const spawn_context& context)
    : watcher(context.watcher),
      stored(watcher->make_counter("troupe_mongodb_stored_total", "Documents stored.", labels(context))),
      duplicates(
        watcher->make_counter("troupe_mongodb_duplicates_total", "Documents that were there already.", labels(context))),
      refused(watcher->make_counter("troupe_mongodb_refused_total", "Documents refused permanently.", labels(context))),
      failures(watcher->make_counter("troupe_mongodb_failures_total", "Writes that failed for now.", labels(context))),
      overloads(
        watcher->make_counter("troupe_mongodb_overloads_total", "Writes beyond the bounds in flight.", labels(context))),
      in_flight(watcher->make_gauge("troupe_mongodb_in_flight", "Documents without an answer.", labels(context))),
      latency(watcher->make_histogram("troupe_mongodb_write_seconds", "From a write to its answer.", labels(context))) {}

  static label_list labels(const spawn_context& context) { return {{"store", *context.path}}; }

  [[nodiscard]] counter& of(write_outcome outcome) const {
    switch (outcome) {
      case write_outcome::stored:
        return stored;
      case write_outcome::duplicate:
        return duplicates;
      case write_outcome::refused:
        break;
    }
    return refused;
  }

  observer_ptr watcher; ///< keeps what follows
  counter& stored;
  counter& duplicates;
  counter& refused;
  counter& failures;
  counter& overloads;
  gauge& in_flight;
  histogram& latency;
};

} // namespace troupe::mongodb
