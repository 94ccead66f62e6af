#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/error.hpp>

namespace troupe::kafka {

/// Where the log of a partition ended when it was fetched last.
struct log_end {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t stable = 0; ///< for who reads what is committed; negative: it was not told
  std::int64_t end = 0;    ///< the same

  friend bool operator==(const log_end&, const log_end&) = default;
};

/// What we want of librdkafka's statistics
/// (https://github.com/confluentinc/librdkafka/blob/v2.0.2/STATISTICS.md).
struct client_statistics {
  std::uint32_t brokers = 0; ///< real ones, not those of the bootstrap list
  std::uint32_t brokers_up = 0;
  double latency_p50 = 0; ///< seconds from a request to its answer, of the slowest broker
  double latency_p99 = 0;
  std::int64_t rebalances = 0; ///< of a consumer
  std::vector<log_end> logs;   ///< of what a consumer fetches

  friend bool operator==(const client_statistics&, const client_statistics&) = default;
};

/// Reads the statistics. Fails with `undecodable` for what is no statistics; what is not in them stays zero.
expected<client_statistics> parse_statistics(std::string_view json);

} // namespace troupe::kafka
