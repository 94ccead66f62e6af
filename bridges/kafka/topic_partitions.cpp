#include <troupe/bridges/kafka/topic_partitions.hpp>

#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include <troupe/bridges/kafka/client_conf.hpp>
#include <troupe/bridges/kafka/errors.hpp>

namespace troupe::kafka {

expected<std::int32_t> partitions_of(rd_kafka_t* client, const std::string& topic, instant until) {
  // All topics: a request for one by name makes some clusters create it.
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

partitions_handle list_of(const std::string& topic, const std::vector<std::int32_t>& partitions) {
  partitions_handle list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto each : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), each);
  return list;
}

partitions_handle list_of(const std::string& topic, const std::vector<commit_entry>& entries) {
  partitions_handle list{rd_kafka_topic_partition_list_new(static_cast<int>(entries.size()))};
  for (const auto& each : entries) {
    auto* const one = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), each.partition);
    one->offset = each.offset;
    const auto note = encode(each.note, each.offset);
    if (note.empty())
      continue;
    one->metadata = std::malloc(note.size()); // the list frees it
    std::memcpy(one->metadata, note.data(), note.size());
    one->metadata_size = note.size();
  }
  return list;
}

position position_of(const rd_kafka_topic_partition_t& committed) {
  position result;
  if (committed.offset < 0)
    return result;
  result.committed = committed.offset;
  const std::string_view text{static_cast<const char*>(committed.metadata), committed.metadata_size};
  if (auto note = decode_note(text, committed.offset); note.has_value())
    result.note = std::move(*note);
  return result;
}

rd_kafka_resp_err_t first_error(rd_kafka_resp_err_t of_request, const rd_kafka_topic_partition_list_t* list) noexcept {
  for (int i = 0; of_request == RD_KAFKA_RESP_ERR_NO_ERROR && list != nullptr && i < list->cnt; ++i)
    of_request = list->elems[i].err;
  return of_request;
}

} // namespace troupe::kafka
