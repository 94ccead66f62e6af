#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/message.hpp>

namespace troupe::embedded {

/// A partition of a stream, or a queue, which has one: offsets are counted in it.
struct stored_partition {
  std::int64_t id = 0; ///< in the file
  std::int32_t number = 0;
  std::int64_t end = 0; ///< the offset that the next message gets
};

/// The position of a message in the file, and back.
std::int64_t position_of(std::int64_t partition_id, std::int64_t offset) noexcept;
std::int64_t offset_at(std::int64_t position) noexcept;

/// The partitions of a destination by their numbers; created where it is new. Fails with `conflict` where it exists as
/// something else or with another number of partitions. In a write.
expected<std::vector<stored_partition>> declare(sqlite::connection& on, const destination& wanted);

/// The partitions of an existing source by their numbers; empty where there is none of that name. In a read or a write.
expected<std::vector<stored_partition>> find_partitions(sqlite::connection& on, const std::string& source);

/// Reserves the offsets of `count` messages of `bytes` at the end of a partition and returns the first. In a write.
expected<std::int64_t> extend(sqlite::connection& on, std::int64_t partition_id, std::int64_t count, std::int64_t bytes);

/// A message and the number of its partition. The caller keeps the message.
struct addressed_message {
  std::int32_t partition = 0;
  const message* content = nullptr;
};

/// The end of each partition: (partition id, end).
using partition_ends = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// Appends the messages to their partitions, in order, and returns the ends of these. In a write.
expected<partition_ends> append(sqlite::connection& on, const std::vector<stored_partition>& partitions,
                                const std::vector<addressed_message>& messages, timestamp at);

} // namespace troupe::embedded
