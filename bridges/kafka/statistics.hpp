#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/error.hpp>

namespace troupe::kafka {

/// The ends of a partition's log at the latest fetch.
struct log_end {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t stable = 0; ///< for readers of committed messages; negative: unknown
  std::int64_t end = 0;    ///< negative: unknown

  friend bool operator==(const log_end&, const log_end&) = default;
};

/// The part of librdkafka's statistics that metrics and stalls use
/// (https://github.com/confluentinc/librdkafka/blob/v2.0.2/STATISTICS.md).
struct client_statistics {
  std::uint32_t brokers = 0; ///< without those of the bootstrap list
  std::uint32_t brokers_up = 0;
  double latency_p50 = 0; ///< seconds from a request to its answer, of the slowest broker
  double latency_p99 = 0;
  std::int64_t rebalances = 0; ///< of a consumer
  std::vector<log_end> logs;   ///< of the partitions that a consumer fetches

  friend bool operator==(const client_statistics&, const client_statistics&) = default;
};

/// Reads the statistics. Fails with `undecodable` for text that is not a JSON object; missing values stay zero.
expected<client_statistics> parse_statistics(std::string_view json);

} // namespace troupe::kafka
