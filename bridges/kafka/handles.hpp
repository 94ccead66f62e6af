#pragma once

#include <memory>

#include <librdkafka/rdkafka.h>

#include <troupe/bridges/handles/c_ptr.hpp>

namespace troupe::kafka {

// librdkafka's objects, owned. A client takes over the configuration that it is made of, and a produced message its headers,
// when the call succeeds. All queues of a client must be released before it.
using conf_handle = c_ptr<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using error_handle = c_ptr<rd_kafka_error_t, rd_kafka_error_destroy>;
using partitions_handle = c_ptr<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using queue_handle = c_ptr<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using message_handle = c_ptr<rd_kafka_message_t, rd_kafka_message_destroy>;
using headers_handle = c_ptr<rd_kafka_headers_t, rd_kafka_headers_destroy>;
using topic_handle = c_ptr<rd_kafka_topic_t, rd_kafka_topic_destroy>;

struct metadata_deleter {
  void operator()(const struct rd_kafka_metadata* owned) const noexcept { rd_kafka_metadata_destroy(owned); }
};
using metadata_handle = std::unique_ptr<const struct rd_kafka_metadata, metadata_deleter>;

/// Owns a client. Destroying it does not close a consumer, which must leave its group before.
struct client_deleter {
  void operator()(rd_kafka_t* client) const noexcept {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
};
using client_handle = std::unique_ptr<rd_kafka_t, client_deleter>;

} // namespace troupe::kafka
