#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/embedded/partitions.hpp>
#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/administration.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe::embedded {

/// A page of dead letters, oldest first; it ends early where they are large. In a read.
expected<dead_letter_page> list(sqlite::connection& on, const list_dead_letters& which);

/// Returns one dead letter, or fails with `not_found`. In a read.
expected<numbered_dead_letter> show(sqlite::connection& on, std::int64_t number);

/// A message that was sent back, for its span.
struct sent_back {
  std::string source;
  std::string id;
  trace_context trace; ///< with which it came
};

/// The result of a redrive: how many letters went back, the new ends of the partitions of each source, and those whose
/// messages have a trace.
struct redrive_outcome {
  std::uint32_t count = 0;
  std::map<std::string, partition_ends> ends;
  std::vector<sent_back> traced;
};

/// Moves dead letters to the end of their queue, or of the stream's partition of their key (without a key: the one they came
/// from), under their own id. Fails with `not_found` where a source is gone. In a write.
expected<redrive_outcome> redrive(sqlite::connection& on, const redrive_dead_letters& which, timestamp now);

} // namespace troupe::embedded
