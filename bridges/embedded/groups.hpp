#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::embedded {

/// The position of a consumer group in a stream. What it has not read stays in the file, unless the stream drops it.
struct group_standing {
  std::string stream;
  std::string group;
  std::int32_t partitions = 0; ///< in which it has an offset
  std::int64_t lag = 0;        ///< messages that it has not read
  std::int64_t bytes = 0;      ///< of those
  bool latest = false;         ///< whether the process that opened the file last has read with it
};

/// Every group of every stream, by stream and group. In a read.
expected<std::vector<group_standing>> list_groups(sqlite::connection& on);

/// The group to remove.
struct group_name {
  std::string group;
  std::string stream; ///< empty: of all streams
};

/// Whether a process has the file open.
enum class file_use : std::uint8_t { idle, in_use };

/// Removes the offsets of a group, so that retention no longer keeps anything for it; a group that reads again under that
/// name begins with the oldest message. Returns the number of its partitions. Fails with `not_found` where there is no such
/// group, and with `conflict` where the process that has the file open reads with it. A write transaction of its own.
expected<std::int64_t> remove_group(sqlite::connection& on, const group_name& which, file_use use);

} // namespace troupe::embedded
