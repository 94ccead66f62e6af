#include <troupe/deploy/host/process/channels.hpp>

#include <algorithm>
#include <chrono>

namespace troupe::host {

namespace {

embedded::retention retention_of(const stream_topology& stream) {
  embedded::retention result;
  result.age = stream.keep_for;
  if (stream.keep_size)
    result.bytes = static_cast<std::int64_t>(stream.keep_size->bytes);
  result.unread_messages = stream.unread;
  return result;
}

} // namespace

embedded::destination destination_of(const process_plan& plan, const std::string& channel) {
  embedded::destination result{.name = channel};
  if (const auto* stream = find_stream(plan, channel)) {
    result.partitions = static_cast<std::int32_t>(stream->partitions);
    result.keep = retention_of(*stream);
  } else {
    result.kind = embedded::destination_kind::queue;
  }
  return result;
}

embedded::subscription subscription_of(const process_plan& plan, const consumer_topology& consumer) {
  embedded::subscription result{.from = destination_of(plan, consumer.from), .group = consumer.group.value_or("")};
  result.batch = consumer.batch;
  result.batches_in_flight = batches_of(consumer, consumer.batch);
  result.redelivery = consumer.retry.redelivery;
  result.answer_within = longest_answer(consumer);
  return result;
}

std::uint32_t batches_of(const consumer_topology& consumer, std::uint32_t batch) {
  return std::max<std::uint32_t>(1, consumer.credit / std::max<std::uint32_t>(1, batch));
}

duration longest_answer(const consumer_topology& consumer) {
  duration result = consumer.timeout;
  for (unsigned retries = 0; retries != consumer.retry.in_place.attempts; ++retries)
    result += consumer.timeout
              + policies::retry_delay(consumer.retry.in_place, errc::unavailable, retries).value_or(duration::zero());
  return result + std::chrono::seconds{5};
}

} // namespace troupe::host
