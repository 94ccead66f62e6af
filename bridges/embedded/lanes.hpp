#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/sqlite/connection.hpp>

namespace troupe::embedded {

/// A partition of a stream, or a queue: what offsets are counted in.
struct lane {
  std::int64_t number = 0;
  std::int32_t partition = 0;
  std::int64_t end = 0; ///< the offset that the next message gets
};

/// Where a message of a lane stands in the file, and back.
std::int64_t position_of(std::int64_t lane, std::int64_t offset) noexcept;
std::int64_t offset_at(std::int64_t position) noexcept;

/// The lanes of a destination, made if it is new, in the order of their partitions. Fails with `conflict` where it exists as
/// something else or with another number of partitions. In a write.
expected<std::vector<lane>> declare(sqlite::connection& on, const destination& what);

/// The lanes of what exists under that name; none where nothing does. In a read or a write.
expected<std::vector<lane>> find_lanes(sqlite::connection& on, const std::string& source);

/// Keeps room for `count` messages of `bytes` at the end of a lane and returns the offset of the first. In a write.
expected<std::int64_t> extend(sqlite::connection& on, std::int64_t lane, std::int64_t count, std::int64_t bytes);

} // namespace troupe::embedded
