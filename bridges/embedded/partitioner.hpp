#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::embedded {

/// The hash that Kafka's Java client takes of a key (murmur2 with Kafka's seed).
std::uint32_t murmur2(std::string_view key) noexcept;

/// The partition of a key, the same as with Kafka's Java client and librdkafka's `murmur2_random`.
std::int32_t partition_of(std::string_view key, std::int32_t partitions) noexcept;

} // namespace troupe::embedded
