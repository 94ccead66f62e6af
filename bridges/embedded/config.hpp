#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/messages/settings/text.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::embedded {

/// A stream keeps its messages for every consumer group until its retention ends; a queue keeps each until somebody settled
/// it.
enum class destination_kind : std::uint8_t { stream, queue };

/// Whether retention may remove what a consumer group has not read.
enum class unread : std::uint8_t { keep, discard };

constexpr auto words_of(unread) {
  return settings::words<unread>({{"keep", unread::keep}, {"drop", unread::discard}});
}

/// How long a stream's messages stay. Without an age and a size they stay for ever.
struct retention {
  std::optional<std::chrono::nanoseconds> age;
  std::optional<std::int64_t> bytes; ///< per partition; keys, headers and payloads count
  unread what_is_unread = unread::keep;
  duration every = std::chrono::minutes{1}; ///< how often it looks for what is over
  std::uint32_t step = 500;                 ///< messages removed in one write, so that others do not wait for it
};

struct destination {
  std::string name;
  destination_kind kind = destination_kind::stream;
  std::int32_t partitions = 1; ///< of a stream; a queue has one
  retention keep;              ///< of a stream
  std::size_t largest_message = std::size_t{16} << 20U;
};

/// One consumer's interest in a destination.
struct subscription {
  destination from;
  std::string group;                   ///< of a stream: who shares the offsets. Empty for a queue
  std::uint32_t batch = 100;           ///< deliveries in one request to the handler
  std::uint32_t batches_in_flight = 2; ///< one is handled while the other one is on its way
  std::size_t read_ahead_bytes = std::size_t{8} << 20U;
  policies::redelivery_config redelivery;
  /// For one request to the handler: four attempts of 30 s, the pauses between them, and a margin.
  duration answer_within = std::chrono::seconds{135};
};

/// Each mistake in words; none when the configuration can be used.
std::vector<std::string> validate(const destination& config);
std::vector<std::string> validate(const subscription& config);

} // namespace troupe::embedded
