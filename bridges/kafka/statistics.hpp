#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/error.hpp>

namespace troupe::kafka {

/// What we want of librdkafka's statistics
/// (https://github.com/confluentinc/librdkafka/blob/v2.0.2/STATISTICS.md).
struct client_statistics {
  struct partition {
    std::int32_t number = 0;
    std::int64_t lag = 0; ///< messages behind the committed offset

    friend bool operator==(const partition&, const partition&) = default;
  };

  std::uint32_t brokers = 0; ///< real ones, not those of the bootstrap list
  std::uint32_t brokers_up = 0;
  double latency_p50 = 0; ///< seconds from a request to its answer, of the slowest broker
  double latency_p99 = 0;
  std::int64_t rebalances = 0;       ///< of a consumer
  std::vector<partition> partitions; ///< that are fetched, by number; the lag is known of each

  friend bool operator==(const client_statistics&, const client_statistics&) = default;
};

/// Reads the statistics, for the partitions of one topic. Fails with `undecodable` for what is no statistics; what is not in
/// them stays zero.
expected<client_statistics> parse_statistics(std::string_view json, std::string_view topic);

} // namespace troupe::kafka
