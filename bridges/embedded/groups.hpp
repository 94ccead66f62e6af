#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::embedded {

/// Where a consumer group stands in a stream. What it has not read stays in the file, unless the stream discards it.
struct group_standing {
  std::string stream;
  std::string group;
  std::int32_t partitions = 0; ///< in which it has a place
  std::int64_t lag = 0;        ///< messages that it has not read
  std::int64_t bytes = 0;      ///< of those
  bool latest = false;         ///< whether the process that opened the file last has read with it
};

/// Every group of every stream, by stream and group. In a read.
expected<std::vector<group_standing>> list_groups(sqlite::connection& on);

/// Which group to remove.
struct group_name {
  std::string group;
  std::string stream; ///< empty: of all streams
};

/// Whether a process has the file.
enum class file_use : std::uint8_t { idle, in_use };

/// Forgets what a group has read, so that retention no longer keeps anything for it; one that reads again under that name
/// begins at the oldest message. Returns of how many partitions. Fails with `not_found` where there is none, and with
/// `conflict` where the process that has the file reads with it. A write transaction of its own.
expected<std::int64_t> remove_group(sqlite::connection& on, const group_name& which, file_use use);

} // namespace troupe::embedded
