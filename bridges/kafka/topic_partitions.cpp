#include <troupe/bridges/kafka/topic_partitions.hpp>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/bridges/kafka/waiting.hpp>

namespace troupe::kafka {

expected<std::int32_t> partitions_of(rd_kafka_t* client, const std::string& topic, instant until) {
  // All topics: asking for one by name makes some clusters create it.
  const struct rd_kafka_metadata* raw = nullptr;
  const auto code = rd_kafka_metadata(client, 1, nullptr, &raw, milliseconds_until(until));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return to_failure(code);
  const metadata_handle all{raw};
  for (int i = 0; i < all->topic_cnt; ++i)
    if (topic == all->topics[i].topic)
      return all->topics[i].partition_cnt;
  return 0;
}

} // namespace troupe::kafka
