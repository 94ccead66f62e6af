#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/embedded/lanes.hpp>
#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/message.hpp>

namespace troupe::embedded {

/// A message on its way into a partition.
struct addressed_message {
  std::int32_t partition = 0;
  message content;
};

/// How far lanes reach: (lane, end).
using lane_ends = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// Appends the messages to the lanes of their partitions, in order. Returns how far the lanes reach then. In a write.
expected<lane_ends> append(sqlite::connection& on, const std::vector<lane>& lanes,
                           const std::vector<addressed_message>& what, timestamp at);

} // namespace troupe::embedded
