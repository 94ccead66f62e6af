#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/bridges/kafka/commit_note.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// The number of the topic's partitions; zero where the topic does not exist. Asks the brokers, and blocks. Fails as they
/// do.
expected<std::int32_t> partitions_of(rd_kafka_t* client, const std::string& topic, instant until);

/// Lists for librdkafka: of partitions, and of offsets to be committed with their notes.
partitions_handle list_of(const std::string& topic, const std::vector<std::int32_t>& partitions);
partitions_handle list_of(const std::string& topic, const std::vector<commit_entry>& entries);

/// The group's position in an element that librdkafka has filled with the committed offset and its metadata.
position position_of(const rd_kafka_topic_partition_t& committed);

/// The error of a request, or else the first one of its partitions, if any.
rd_kafka_resp_err_t first_error(rd_kafka_resp_err_t of_request, const rd_kafka_topic_partition_list_t* list) noexcept;

} // namespace troupe::kafka
